#include "net/tcp/takeover_listener.h"

#include <glog/logging.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "net/reactor/event_loop.h"
#include "net/tcp/fd_passing.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/takeover_protocol.h"

namespace rondo {
namespace {

// After an error of accepting, lest the loop be busy with nothing else.
constexpr absl::Duration kRest = absl::Milliseconds(100);

// Processes that wait for their turn; nobody starts more at once.
constexpr int kBacklog = 16;

constexpr mode_t kOwnerOnly = 0600;

std::string Refusal(TakeoverVerdict verdict) {
  return TakeoverAnswer{.verdict = verdict, .descriptors = 0}.Encode();
}

bool IsThere(const InetAddress& address) {
  const std::string& path = address.unix_path();
  return path.starts_with('@') || access(path.c_str(), F_OK) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TakeoverListener>> TakeoverListener::Create(
    EventLoop* loop, const std::string& path, Socket control,
    Callbacks callbacks, TakeoverListenerOptions options) {
  const auto address = InetAddress::Parse("unix:" + path);
  if (!address.ok()) return address.status();
  // Nobody could connect to one whose file is gone.
  if (control.valid() && !IsThere(*address)) control.Close();
  if (!control.valid()) {
    auto listening = Socket::Listen(
        *address, {.backlog = kBacklog, .file_mode = kOwnerOnly});
    if (!listening.ok()) return listening.status();
    control = *std::move(listening);
  }
  std::unique_ptr<TakeoverListener> listener(
      new TakeoverListener(loop, std::move(control), SocketFile(*address),
                           std::move(callbacks), std::move(options)));
  const absl::Status watched = listener->channel_->Commit();
  if (!watched.ok()) return watched;
  return listener;
}

TakeoverListener::TakeoverListener(EventLoop* loop, Socket control,
                                   SocketFile file, Callbacks callbacks,
                                   TakeoverListenerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      file_(std::move(file)),
      control_(std::move(control)) {
  channel_.emplace(loop, control_.fd(), [this](IoEvents events) {
    return events == IoEvents::kError ? Rest() : AcceptPeer();  // the poller's
  });
  channel_->EnableReading();
}

// Who has been offered the sockets finds that this process has ended, and goes
// on with them.
TakeoverListener::~TakeoverListener() {
  loop_->Cancel(timer_);
  if (offered()) file_.Release();
}

void TakeoverListener::AcceptPeer() {
  Socket::Accepted accepted = control_.Accept();
  switch (accepted.error) {
    case 0:
      return Serve(std::move(accepted.socket));
    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
      return;
    default:
      LOG(WARNING) << "a new process cannot connect: "
                   << std::strerror(accepted.error);
      return Rest();
  }
}

void TakeoverListener::Rest() {
  channel_->DisableReading();
  timer_ = loop_->RunAfter(kRest, [this] { channel_->EnableReading(); });
}

void TakeoverListener::Serve(Socket socket) {
  const auto user = socket.PeerUid();
  if (!user.ok() || !MayTakeOver(*user)) {
    LOG(WARNING) << "refuses to hand over to user "
                 << (user.ok() ? std::to_string(*user) : "unknown");
    SendFds(socket, Refusal(TakeoverVerdict::kWrongUser), {});
    return;
  }
  channel_->DisableReading();
  peer_ = std::make_unique<Peer>(loop_, std::move(socket),
                                 [this](IoEvents) { HearPeer(); });
  peer_->channel.EnableReading();
  timer_ = loop_->RunAfter(options_.request_timeout,
                           [this] { DropPeer("asked for nothing"); });
}

void TakeoverListener::HearPeer() {
  char block[kTakeoverRequest.size()];
  const size_t wanted = peer_->offered
                            ? kTakeoverConfirmed.size()
                            : kTakeoverRequest.size() - peer_->heard.size();
  const IoResult result = peer_->socket.Read(block, wanted);
  if (result.MayRetry()) return;
  if (result.error != 0 || result.bytes == 0) return DropPeer("hung up");
  const std::string_view bytes(block, result.bytes);
  if (!peer_->offered) {
    peer_->heard += bytes;
    if (peer_->heard.size() == kTakeoverRequest.size()) HearRequest();
  } else if (bytes == kTakeoverConfirmed) {
    HandOver();
  } else {
    DropPeer("said what nobody understands");
  }
}

void TakeoverListener::HearRequest() {
  if (peer_->heard == kTakeoverRequest) return Offer();
  SendFds(peer_->socket, Refusal(TakeoverVerdict::kUnknownVersion), {});
  DropPeer("speaks another version");
}

void TakeoverListener::Offer() {
  std::vector<int> fds = callbacks_.listeners();
  fds.insert(fds.begin(), control_.fd());
  if (!SendOffer(fds)) return;
  peer_->offered = true;
  loop_->Cancel(timer_);
  timer_ = loop_->RunAfter(options_.confirm_timeout,
                           [this] { DropPeer("did not begin to accept"); });
}

bool TakeoverListener::SendOffer(const std::vector<int>& fds) {
  if (fds.size() > kMaxTakeoverDescriptors) {
    DropPeer("more than can be handed over");
    return false;
  }
  const std::string answer = TakeoverAnswer{.verdict = TakeoverVerdict::kTaken,
                                            .descriptors = fds.size()}
                                 .Encode();
  std::string_view bytes = answer;
  std::span<const int> left(fds);
  while (!left.empty()) {
    const size_t some = std::min(left.size(), kMaxFdsPerMessage);
    const IoResult result = SendFds(peer_->socket, bytes, left.first(some));
    if (result.error != 0 || result.bytes != bytes.size()) {
      DropPeer(result.error != 0 ? std::strerror(result.error)
                                 : "takes too little at once");
      return false;
    }
    left = left.subspan(some);
    bytes = kTakeoverMore;
  }
  return true;
}

void TakeoverListener::HandOver() {
  taken_ = true;
  file_.Release();
  channel_.reset();
  control_.Close();
  callbacks_.on_taken();
  SendFds(peer_->socket, kTakeoverDone, {});
  ForgetPeer();
}

void TakeoverListener::DropPeer(std::string_view why) {
  LOG(WARNING) << "a new process got no sockets: " << why;
  if (offered()) SendFds(peer_->socket, kTakeoverWithdrawn, {});
  ForgetPeer();
  channel_->EnableReading();
}

void TakeoverListener::ForgetPeer() {
  loop_->Cancel(timer_);
  peer_->channel.DisableReading();
  loop_->DeferDelete(std::move(peer_));
}

}  // namespace rondo
