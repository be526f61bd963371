#ifndef RONDO_NET_TCP_CONNECTION_DEADLINES_H_
#define RONDO_NET_TCP_CONNECTION_DEADLINES_H_

#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "base/clock.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_limits.h"

namespace rondo {

class EventLoop;

// When a connection has taken too long. It only writes times down; one timer
// looks at them when the earliest deadline could have passed, and is armed
// again for what is the earliest then. So what moves a deadline away, as every
// message does, costs a store.
//
// Threading: the loop's thread only.
// Ownership: the connection's, which calls Disarm() before it ends; borrows the
// limits.
class ConnectionDeadlines {
 public:
  // What the connection is doing.
  struct State {
    bool closing;  // it only sends what is queued
    bool quiet;    // it owes the peer nothing
  };
  struct Due {
    CloseReason reason;
    bool at_once;  // what is queued has had its time as well
  };
  static constexpr MonotonicTime kNever = MonotonicTime::InfiniteFuture();

  ConnectionDeadlines(const ConnectionLimits& limits, MonotonicTime now)
      : limits_(limits), opened_at_(now), moved_at_(now) {}

  // Bytes have come, or gone.
  void Received(MonotonicTime now) {
    moved_at_ = now;
    first_byte_came_ = true;
  }
  void Sent(MonotonicTime now) { moved_at_ = now; }

  // Output waits for the peer, and the kernel has taken some at `now`.
  void OutputWaits(MonotonicTime now) { output_moved_at_ = now; }
  void OutputGone() { output_moved_at_ = kNever; }
  bool output_waits() const { return output_moved_at_ != kNever; }

  // See TcpConnection::ExpectWithin().
  void ExpectBy(MonotonicTime when) { expected_by_ = when; }
  bool expects() const { return expected_by_ != kNever; }

  // From now on being quiet for a while is a reason to end.
  void SetDraining() { draining_ = true; }
  bool draining() const { return draining_; }
  // It turned out that the peer has asked for something.
  void NotQuiet(MonotonicTime now) { not_quiet_at_ = now; }

  // The first deadline that has passed.
  std::optional<Due> Overdue(MonotonicTime now, State state) const;

  // Has `look` called when the next deadline may have passed, unless the last
  // one is called by then.
  void Arm(EventLoop* loop, State state, absl::AnyInvocable<void()> look);
  // When it will be called.
  MonotonicTime armed_for() const { return armed_for_; }
  // The timer has called.
  void Fired() { armed_for_ = kNever; }
  void Disarm(EventLoop* loop);

 private:
  // Calls `visit` with each deadline.
  void ForEach(State state,
               absl::FunctionRef<void(MonotonicTime, Due)> visit) const;

  const ConnectionLimits& limits_;
  const MonotonicTime opened_at_;
  MonotonicTime moved_at_;
  MonotonicTime not_quiet_at_;
  MonotonicTime output_moved_at_ = kNever;
  MonotonicTime expected_by_ = kNever;
  MonotonicTime armed_for_ = kNever;
  TimerId timer_;
  bool first_byte_came_ = false;
  bool draining_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_DEADLINES_H_
