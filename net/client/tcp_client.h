#ifndef RONDO_NET_CLIENT_TCP_CLIENT_H_
#define RONDO_NET_CLIENT_TCP_CLIENT_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/client/backoff.h"
#include "net/client/dialer.h"
#include "net/client/endpoint.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_handle.h"

namespace rondo {

class EventLoop;

struct TcpClientOptions {
  Endpoint server = {};
  DialerOptions dialer = {};
  RetryOptions retry = {};
  // Whether to connect again when the connection is lost, that is, ends and
  // nobody here has called its Shutdown(), Close() or ForceClose().
  bool reconnect = false;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// An attempt to connect that has failed.
struct ConnectFailure {
  absl::Status status;
  int attempt = 0;  // 1 for the first since the client was last connected
  // When the next begins; infinite if this was the last, and the client idle.
  absl::Duration retry_after;
};

// A connection to one server, kept as long as it is wanted.
//
//   idle ──Connect()──► connecting ──► connected ──lost, reconnect──┐
//    ▲                   ▲  │ failed                                │
//    │                   │  ▼                                       │
//    │                   waiting, longer each time ◄────────────────┘
//    └── Disconnect(), lost without reconnect, the last attempt failed
//
// Its connection is a TcpConnection like a server's, with the same callbacks.
//
// Threading: all methods are Thread-safe; callbacks run on the loop.
// Ownership and lifetime: borrows the loop, which must outlive it. Any thread
// may destroy it, in every state, and also from inside one of its callbacks,
// but not from another loop's callback while this loop waits for that one.
// Errors: each failure to connect is told with its Status, options that make no
// sense with InvalidArgument and no further attempt.
//
// Example:
//   TcpClient client(loop, {.server = *Endpoint::Parse("localhost:7000")},
//                    {.on_connect = [](TcpConnection& c) { c.Send("hi"); }},
//                    [](const ConnectFailure& f) { LOG(ERROR) << f.status; });
//   client.Connect();
class TcpClient {
 public:
  using FailureCallback = absl::AnyInvocable<void(const ConnectFailure&)>;

  TcpClient(EventLoop* loop, TcpClientOptions options,
            ConnectionCallbacks callbacks,
            FailureCallback on_failure = nullptr);
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  // As Stop(), but from inside a callback even the on_close of the connection
  // whose callback it is does not come any more.
  ~TcpClient();

  // Wants a connection. Nothing happens if it has one or is about to.
  void Connect();

  // Does not want it any more: what is queued is sent, then it closes; attempts
  // end, and nothing is told of them.
  void Disconnect();

  // The same at once and for good: the connection ends with kForceClosed. When
  // it returns no callback runs or will run. From inside a callback it does not
  // wait for that one, whose own connection's on_close then comes after it.
  void Stop();

  // The connection; a handle to none, or to one that has closed, if there is
  // none now.
  ConnectionHandle connection() const;

 private:
  class Session;

  EventLoop* const loop_;
  const std::shared_ptr<Session> session_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_TCP_CLIENT_H_
