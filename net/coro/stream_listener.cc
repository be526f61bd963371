#include "net/coro/stream_listener.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "net/coro/stream_callbacks.h"
#include "net/reactor/event_loop.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/connection_table.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<StreamListener>> StreamListener::Create(
    EventLoop* loop, const InetAddress& address,
    StreamListenerOptions options) {
  std::unique_ptr<StreamListener> listener(
      new StreamListener(loop, options.limits));
  auto acceptor =
      Acceptor::Create(loop, address, options.acceptor,
                       [l = listener.get()](Socket socket, InetAddress peer) {
                         l->HandleAccepted(std::move(socket), std::move(peer));
                       });
  if (!acceptor.ok()) return acceptor.status();
  listener->acceptor_ = *std::move(acceptor);
  listener->acceptor_->Hold();
  return listener;
}

StreamListener::StreamListener(EventLoop* loop, const ConnectionLimits& limits)
    : loop_(loop),
      group_(std::make_shared<ConnectionGroup>(StreamCallbacks(), /*loops=*/1,
                                               limits)) {}

// Its acceptor may be accepting: what that resumes may end this.
StreamListener::~StreamListener() {
  if (acceptor_ == nullptr) return;  // it could not listen
  acceptor_->Stop();
  loop_->DeferDelete(std::move(acceptor_));
}

const InetAddress& StreamListener::address() const {
  return acceptor_->address();
}

void StreamListener::Close() {
  acceptor_->Stop();
  accepted_.Close();
}

// One that nobody waits for is the last until it is asked for.
void StreamListener::HandleAccepted(Socket socket, InetAddress peer) {
  accepted_.TrySend(Accepted{std::move(socket), std::move(peer)});
  if (accepted_.size() > 0) acceptor_->Hold();
}

Task<absl::StatusOr<Stream>> StreamListener::Accept() {
  if (accepted_.size() == 0 && !accepted_.closed()) acceptor_->Resume();
  std::optional<Accepted> accepted = co_await accepted_.Receive();
  if (!accepted.has_value()) {
    co_return absl::CancelledError(accepted_.closed() ? "the listener is closed"
                                                      : "the task is to stop");
  }
  co_return Stream(loop_->Local<ConnectionTable>().Open(
      std::move(accepted->socket), std::move(accepted->peer),
      ConnectionMembership(group_, /*loop_index=*/0)));
}

}  // namespace rondo
