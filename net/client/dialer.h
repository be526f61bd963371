#ifndef RONDO_NET_CLIENT_DIALER_H_
#define RONDO_NET_CLIENT_DIALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/client/connector.h"
#include "net/client/endpoint.h"
#include "net/client/request.h"
#include "net/client/resolver.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class EventLoop;

// A server's defaults without the deadlines by which it gets rid of clients
// that ask for nothing.
ConnectionLimits ClientLimits();

struct DialerOptions {
  ConnectorOptions connector = {};
  ConnectionLimits limits = ClientLimits();
  Resolver* resolver = nullptr;  // borrowed; null: the loop's own

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// Opens connections from one loop that share callbacks and limits: for whoever
// has many, a proxy or a crawler. TcpClient keeps one alive, ConnectionPool
// lends them.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows the loop, whose table owns the connections.
// Destroying it withdraws what is being dialed and ends its connections with
// kForceClosed, each with its on_close, but for the one whose callback is
// running: that one ends when it returns.
// Errors: options that make no sense fail each Dial() with InvalidArgument.
//
// Example:
//   Dialer dialer(loop, {}, {.on_message = …});
//   request = dialer.Dial(endpoint, [](absl::StatusOr<TcpConnection*> c) {
//     if (c.ok()) (*c)->Send("hello");
//   });
class Dialer {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<TcpConnection*>)>;

  Dialer(EventLoop* loop, DialerOptions options, ConnectionCallbacks callbacks);
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer();

  // Calls `callback` once, unless the loop ends before, from the loop and never
  // from inside this call: with the connection, after its on_connect, or with
  // why there is none.
  Request Dial(Endpoint endpoint, Callback callback);

  // Being dialed, and open.
  size_t dialing() const { return dialing_.size(); }
  size_t open_connections() const { return group_->open(); }
  uint64_t opened_connections() const { return group_->opened(); }
  uint64_t closed_connections(CloseReason reason) const {
    return group_->closed(reason);
  }

 private:
  class Dialing;
  struct Remains;

  std::shared_ptr<Dialing> TakeOut(Dialing* dialing);
  void Finish(Dialing* dialing, absl::StatusOr<Connector::Connected> result);

  EventLoop* const loop_;
  const DialerOptions options_;
  const absl::Status options_status_;
  const std::shared_ptr<ConnectionGroup> group_;
  std::vector<std::shared_ptr<Dialing>> dialing_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_DIALER_H_
