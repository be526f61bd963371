#include "net/tcp/acceptor.h"

#include <glog/logging.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/reactor/event_loop.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Create(
    EventLoop* loop, const InetAddress& address, AcceptorOptions options,
    Callback on_accept) {
  auto socket = Socket::Listen(address, options.listen);
  if (!socket.ok()) return socket.status();
  return Create(loop, *std::move(socket), std::move(options),
                std::move(on_accept));
}

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Create(
    EventLoop* loop, Socket listening, AcceptorOptions options,
    Callback on_accept) {
  auto bound = listening.LocalAddress();
  if (!bound.ok()) return bound.status();
  std::unique_ptr<Acceptor> acceptor(
      new Acceptor(loop, std::move(listening), *std::move(bound),
                   std::move(options), std::move(on_accept)));
  const absl::Status watched = acceptor->channel_.Commit();
  if (!watched.ok()) return watched;
  return acceptor;
}

Acceptor::Acceptor(EventLoop* loop, Socket socket, InetAddress address,
                   AcceptorOptions options, Callback on_accept)
    : loop_(loop),
      options_(std::move(options)),
      on_accept_(std::move(on_accept)),
      socket_(std::move(socket)),
      address_(std::move(address)),
      file_(options_.adopted ? SocketFile() : SocketFile(address_)),
      channel_(loop, socket_.fd(),
               [this](IoEvents events) { HandleEvents(events); }),
      next_pause_(options_.min_pause),
      shared_(options_.adopted),
      counts_(options_.counts != nullptr ? *options_.counts : own_counts_) {
  UpdateInterest();
}

Acceptor::~Acceptor() {
  loop_->Cancel(resume_timer_);
  loop_->Cancel(stop_timer_);
}

void Acceptor::Stop() {
  if (stopped_) return;
  stopped_ = true;
  loop_->Cancel(resume_timer_);
  loop_->Cancel(stop_timer_);
  file_.Unlink();
  // At once, not with this object: who comes until then is reset.
  channel_.Leave();
  socket_.Close();
  auto then = std::exchange(when_stopped_, nullptr);
  if (then) then();
}

void Acceptor::StopAfterWaiting(absl::AnyInvocable<void()> then) {
  if (stopped_ || stopping_) {
    if (then) then();
    return;
  }
  stopping_ = true;
  when_stopped_ = std::move(then);
  if (!shared_) file_.Unlink();
  // Where the kernel does not refuse, a moment remains in which one is reset.
  const bool refuses = !shared_ && !address_.is_unix() && socket_.RefuseNew();
  if (!(shared_ && held_)) AcceptWaiting();
  if (!refuses) return Stop();
  if (stopped_) return;  // by who was told of one
  UpdateInterest();
  stop_timer_ = loop_->RunAfter(kHandshakeTime, [this] {
    AcceptWaiting();
    Stop();
  });
}

// No more wait than the backlog holds; others who still come are too late.
void Acceptor::AcceptWaiting() {
  if (!stopped_ && socket_.HasWaiting()) {
    AcceptAll(options_.listen.backlog, /*while_held=*/true);
  }
}

void Acceptor::Hold() {
  held_ = true;
  UpdateInterest();
}

void Acceptor::Resume() {
  held_ = false;
  UpdateInterest();
}

void Acceptor::UpdateInterest() {
  if (stopped_) return;
  const bool accepts = (!held_ || stopping_) && !resting_;
  channel_.SetInterest(accepts ? IoEvents::kReadable : IoEvents::kNone);
}

void Acceptor::HandleEvents(IoEvents events) {
  if (events == IoEvents::kError) return Rest(ENOMEM);  // the poller's
  AcceptAll(options_.max_accepts_per_turn, /*while_held=*/stopping_);
}

void Acceptor::AcceptAll(int budget, bool while_held) {
  do {
    Socket::Accepted accepted = socket_.Accept();
    if (accepted.error == 0) {
      next_pause_ = options_.min_pause;
      errors_in_a_row_ = 0;
      on_accept_(std::move(accepted.socket), std::move(accepted.peer));
    } else if (!HandleError(accepted.error)) {
      return;
    }
    --budget;
  } while (budget > 0 && !stopped_ && (while_held || !held_) &&
           socket_.HasWaiting());
}

bool Acceptor::HandleError(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return false;
  if (error == EINTR) return true;
  ++counts_.errors;
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      Rest(error);
      return false;
    default:  // ECONNABORTED, EPROTO, EPERM and the network's own
      VLOG(1) << "accept on " << address_.ToString() << ": "
              << std::strerror(error);
      if (++errors_in_a_row_ < options_.max_errors_in_a_row) return true;
      Rest(error);
      return false;
  }
}

void Acceptor::Rest(int error) {
  if (stopped_) return;
  ++counts_.pauses;
  errors_in_a_row_ = 0;
  LOG_EVERY_T(WARNING, 1) << "accepting on " << address_.ToString()
                          << " rests for " << next_pause_ << ": "
                          << std::strerror(error);
  resting_ = true;
  UpdateInterest();
  loop_->Cancel(resume_timer_);
  resume_timer_ = loop_->RunAfter(next_pause_, [this] {
    resting_ = false;
    UpdateInterest();
  });
  next_pause_ = std::min(2 * next_pause_, options_.max_pause);
}

}  // namespace rondo
