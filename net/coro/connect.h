#ifndef RONDO_NET_CORO_CONNECT_H_
#define RONDO_NET_CORO_CONNECT_H_

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/client/dialer.h"
#include "net/client/endpoint.h"
#include "net/client/request.h"
#include "net/coro/stream.h"
#include "net/coro/suspension.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class EventLoop;

// Opens streams from one loop that share limits and a way to connect.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows the loop; outlives who waits for a stream.
// Destroying it closes its streams' connections.
class StreamDialer {
 public:
  class Awaiter;

  explicit StreamDialer(EventLoop* loop, DialerOptions options = {});

  // Connects, by address or name. Errors: as Dialer's; Cancelled, at once, if
  // the task is to stop.
  Awaiter Connect(Endpoint server);

  // Open, of those that it has made.
  size_t open_connections() const { return dialer_.open_connections(); }

 private:
  Dialer dialer_;
};

class [[nodiscard]] StreamDialer::Awaiter final : public Suspension {
 public:
  // Without a dialer: the loop's own.
  Awaiter(Dialer* dialer, Endpoint server)
      : dialer_(dialer), server_(std::move(server)) {}
  Awaiter(Awaiter&&) = default;

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    Begin();
    return true;
  }
  absl::StatusOr<Stream> await_resume();

 private:
  void Begin();
  bool Withdraw() override {
    request_.Withdraw();
    return true;
  }

  Dialer* dialer_;
  Endpoint server_;
  Request request_;
  absl::StatusOr<TcpConnection*> dialed_ =
      absl::CancelledError("the task is to stop");
};

// The same with the options' defaults, by a dialer that each loop has.
//
// Example:
//   auto stream = co_await Connect(*Endpoint::Parse("example.com:80"));
//   if (!stream.ok()) co_return Fail(stream.status());
StreamDialer::Awaiter Connect(Endpoint server);

}  // namespace rondo

#endif  // RONDO_NET_CORO_CONNECT_H_
