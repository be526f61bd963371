#include "net/client/connect_attempt.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

std::string_view Remedy(const InetAddress& peer, int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return peer.is_unix() ? "nobody listens at this path: start the server, "
                              "or correct the path"
                            : "nobody listens there: start the server, or "
                              "correct the port";
    case ECONNRESET:
    case EPIPE:
      return "the server took the connection and dropped it: look into its log";
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return "there is no way to this address: look at the routes";
    case ETIMEDOUT:
      return "no answer: is the host up, or a firewall before it?";
    case EADDRNOTAVAIL:
      return "no port is free here for one more connection to it, or the "
             "address is not this machine's";
    case EACCES:
    case EPERM:
      return "a firewall of this machine, or the file's mode, forbids it";
    default:
      return "check the address";
  }
}

absl::Status CannotConnect(const InetAddress& peer, int error) {
  return absl::ErrnoToStatus(
      error, absl::StrCat("cannot connect to ", peer.ToString(), " (",
                          std::string(Remedy(peer, error)), ")"));
}

}  // namespace

ConnectAttempt::ConnectAttempt(EventLoop* loop, InetAddress peer,
                               const ConnectOptions& options, Callback callback)
    : loop_(loop), peer_(std::move(peer)), callback_(std::move(callback)) {
  auto socket = Socket::Open(peer_, options);
  if (!socket.ok()) {
    FailSoon(socket.status());
    return;
  }
  socket_ = *std::move(socket);
  Connect();
}

ConnectAttempt::~ConnectAttempt() {
  loop_->Cancel(timer_);
  if (channel_ != nullptr) channel_->CloseNext();
}

void ConnectAttempt::Connect() {
  const int error = socket_.Connect(peer_);
  if (error == EAGAIN && peer_.is_unix()) {
    timer_ = loop_->RunAfter(kBacklogRetry, [this] { Connect(); });
  } else if (error != 0) {
    FailSoon(CannotConnect(peer_, error));
  } else {
    channel_ = std::make_unique<Channel>(
        loop_, socket_.fd(), [this](IoEvents events) { HandleEvents(events); });
    channel_->EnableWriting();
  }
}

void ConnectAttempt::HandleEvents(IoEvents events) {
  // Its handler is running.
  channel_->Leave();
  loop_->DeferDelete(std::move(channel_));
  if (const int error = socket_.TakeError(); error != 0) {
    return Finish(CannotConnect(peer_, error));
  }
  if (events == IoEvents::kError) {
    return Finish(absl::ResourceExhaustedError(
        absl::StrCat("cannot connect to ", peer_.ToString(),
                     ": the poller cannot watch one descriptor more")));
  }
  if (IsConnectedToItself()) {
    socket_.ResetOnClose();  // which spares the port its minute of TIME_WAIT
    socket_.Close();
    return Finish(CannotConnect(peer_, ECONNREFUSED));
  }
  Finish(std::move(socket_));
}

bool ConnectAttempt::IsConnectedToItself() const {
  if (peer_.is_unix()) return false;
  const auto local = socket_.LocalAddress();
  if (!local.ok() || local->port() != peer_.port()) return false;
  const auto peer = socket_.PeerAddress();  // not peer_, if that is 0.0.0.0
  return peer.ok() && *local == *peer;
}

void ConnectAttempt::FailSoon(absl::Status status) {
  timer_ =
      loop_->RunAfter(absl::ZeroDuration(),
                      [this, status = std::move(status)] { Finish(status); });
}

void ConnectAttempt::Finish(absl::StatusOr<Socket> result) {
  Callback callback = std::move(callback_);
  callback(*this, std::move(result));  // which may destroy this
}

}  // namespace rondo
