#ifndef RONDO_NET_CLIENT_CONNECTION_POOL_H_
#define RONDO_NET_CLIENT_CONNECTION_POOL_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/client/dialer.h"
#include "net/client/endpoint.h"
#include "net/client/pooled_connection.h"
#include "net/client/request.h"

namespace rondo {

class EventLoop;

struct ConnectionPoolOptions {
  DialerOptions dialer = {};
  // Idle, lent, being dialed and being closed: to one endpoint, and to all. A
  // socket that lingers after that (see LingeringClose) counts no more.
  size_t max_per_endpoint = 16;
  size_t max_total = 256;
  // Who waits, be it for one that is being dialed, while none is idle for him;
  // beyond these: ResourceExhausted at once. Those for whom one was idle when
  // they came, and which then closed, wait all the same.
  size_t max_waiting = 10'000;
  // How long one that nobody uses stays open.
  absl::Duration idle_timeout = absl::Minutes(1);

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// Lends connections, and keeps those that come back for the next who asks for
// the same endpoint.
//
//   Acquire() ──► idle one of that endpoint, the one used last
//            ├──► a new one, if the limits allow it or one to another endpoint
//            │    that is idle, or dialed for nobody, can go for it
//            └──► waits: for one to come back, or for room. First come, first
//                 served, but for those whose endpoint is full: they hold up
//                 nobody else.
//
// One that nobody waits for any more when it has been dialed becomes idle. Of
// the idle ones that go first which has been so for longest and nobody is about
// to get.
//
// A connection that the peer has closed, reset or sent something unasked to
// while it was idle is not lent again: that is looked at when it happens and
// once more before it is lent. (The peer may still close it while the request
// is on its way: only the borrower can tell whether to ask again.)
//
// Threading: the loop's thread only, without locks: one pool for each loop.
// Ownership and lifetime: borrows the loop. Destroying it forgets who waits and
// closes the connections, those that are lent too: their borrowers hear
// on_close, from the loop. Any callback may destroy it.
// Errors: whoever waits gets the Status of a failed attempt to connect, the
// first who waits for that endpoint; DeadlineExceeded if nothing came in time;
// ResourceExhausted if too many wait; InvalidArgument for bad options.
//
// Example:
//   request_ = pool.Acquire(endpoint, absl::Seconds(5), [this](auto lent) {
//     if (!lent.ok()) return Fail(lent.status());
//     lent_ = *std::move(lent);
//     …  // see PooledConnection
//   });
class ConnectionPool {
 public:
  struct Counts {
    uint64_t reused = 0;     // lent that had been lent before
    uint64_t refused = 0;    // too many waited
    uint64_t timed_out = 0;  // nothing came in time
    uint64_t expired = 0;    // idle for too long
    uint64_t evicted = 0;    // idle, closed for want of room
    uint64_t stale = 0;      // found unusable when they were to be lent
  };

  using Callback = absl::AnyInvocable<void(absl::StatusOr<PooledConnection>)>;

  ConnectionPool(EventLoop* loop, ConnectionPoolOptions options);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool();

  // Calls `callback` once, unless the loop ends before, from the loop and never
  // from inside this call. Who does not keep what it is given closes it.
  Request Acquire(const Endpoint& endpoint, absl::Duration timeout,
                  Callback callback);

  // Connections, but for those that are being closed.
  size_t idle() const;
  size_t lent() const;
  size_t dialing() const;
  size_t waiting() const;
  const Counts& counts() const;

 private:
  friend struct PoolWaiter;
  class Core;  // see connection_pool_core.h

  EventLoop* const loop_;
  Core* const core_;  // owned; outlives this by the rest of a turn
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_CONNECTION_POOL_H_
