#include "net/tcp/acceptor.h"

#include <glog/logging.h>
#include <sys/stat.h>
#include <unistd.h>

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
  auto bound = socket->LocalAddress();
  if (!bound.ok()) return bound.status();
  std::unique_ptr<Acceptor> acceptor(
      new Acceptor(loop, *std::move(socket), *std::move(bound),
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
      channel_(loop, socket_.fd(), [this](IoEvents) { AcceptAll(); }),
      next_pause_(options_.min_pause) {
  channel_.EnableReading();
  if (!address_.is_unix() || address_.unix_path().starts_with('@')) return;
  struct stat file;
  if (lstat(address_.unix_path().c_str(), &file) != 0) return;
  file_device_ = file.st_dev;
  file_inode_ = file.st_ino;
}

Acceptor::~Acceptor() {
  loop_->Cancel(resume_timer_);
  UnlinkOwnFile();
}

// Whoever removed it and listens there now keeps theirs.
void Acceptor::UnlinkOwnFile() {
  if (file_inode_ == 0) return;
  const char* const path = address_.unix_path().c_str();
  struct stat file;
  if (lstat(path, &file) != 0) return;
  if (file.st_dev == file_device_ && file.st_ino == file_inode_) unlink(path);
}

void Acceptor::Stop() {
  stopped_ = true;
  loop_->Cancel(resume_timer_);
  channel_.DisableReading();
}

void Acceptor::AcceptAll() {
  int budget = options_.max_accepts_per_turn;
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
  } while (budget > 0 && !stopped_ && socket_.HasWaiting());
}

bool Acceptor::HandleError(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return false;
  if (error == EINTR) return true;
  ++errors_;
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      Pause(error);
      return false;
    default:  // ECONNABORTED, EPROTO, EPERM and the network's own
      VLOG(1) << "accept on " << address_.ToString() << ": "
              << std::strerror(error);
      if (++errors_in_a_row_ < options_.max_errors_in_a_row) return true;
      Pause(error);
      return false;
  }
}

void Acceptor::Pause(int error) {
  ++pauses_;
  errors_in_a_row_ = 0;
  LOG_EVERY_T(WARNING, 1) << "accepting on " << address_.ToString()
                          << " rests for " << next_pause_ << ": "
                          << std::strerror(error);
  channel_.DisableReading();
  resume_timer_ =
      loop_->RunAfter(next_pause_, [this] { channel_.EnableReading(); });
  next_pause_ = std::min(2 * next_pause_, options_.max_pause);
}

}  // namespace rondo
