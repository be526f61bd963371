#ifndef RONDO_NET_TCP_CONNECTION_GROUP_H_
#define RONDO_NET_TCP_CONNECTION_GROUP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/mutex.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_limits.h"

namespace rondo {

class Buffer;
class EventLoop;
class TcpConnection;

// What a server's user hears, each on the connection's loop thread. One set
// serves all connections of the server, from several loops at once: what the
// callbacks share must be safe for that. Any of them may be empty.
struct ConnectionCallbacks {
  using Callback = absl::AnyInvocable<void(TcpConnection&) const>;
  using ReasonCallback =
      absl::AnyInvocable<void(TcpConnection&, CloseReason) const>;

  // It is open; the first callback.
  Callback on_connect = nullptr;
  // Input has come. What is not consumed stays and is passed again with more.
  absl::AnyInvocable<void(TcpConnection&, Buffer& input) const> on_message =
      nullptr;
  // The kernel has taken the last byte of the output.
  Callback on_write_complete = nullptr;
  // Output has risen above the high water mark: better not send more; and it
  // has fallen to the low one again. Reading has been seen to.
  Callback on_high_water = nullptr;
  Callback on_low_water = nullptr;
  // The peer has sent FIN and the limits allow half closes: no more input.
  Callback on_half_close = nullptr;
  // The server is stopping: the chance to say so to the peer, or to close. The
  // connection is closed by itself once it owes nothing.
  Callback on_drain = nullptr;
  // A deadline has passed, and the connection closes when this has returned:
  // the last chance to send. Not called when output is what took too long.
  ReasonCallback on_timeout = nullptr;
  // It has ended; the last callback, exactly once. Sending does nothing now.
  ReasonCallback on_close = nullptr;
  // The server or client has been stopped or destroyed, and none of these comes
  // any more; once on each of its loops.
  absl::AnyInvocable<void(EventLoop*) const> on_stop = nullptr;
};

// The connections of one server: what they share and how many they are.
//
// Threading: all methods are Thread-safe.
// Ownership: shared by the server and its connections, which may outlive it by
// the rest of a turn.
class ConnectionGroup {
 public:
  ConnectionGroup(ConnectionCallbacks callbacks, size_t loops,
                  ConnectionLimits limits = {}, AdmissionLimits admission = {})
      : callbacks_(std::move(callbacks)),
        limits_(std::move(limits)),
        admission_(admission),
        open_(loops) {}

  const ConnectionCallbacks& callbacks() const { return callbacks_; }
  const ConnectionLimits& limits() const { return limits_; }
  AdmissionControl& admission() { return admission_; }

  // After StartDraining(), connections end as soon as they owe nothing. After
  // Stop(), those that are on their way to a loop do not open.
  void StartDraining();
  bool draining() const { return draining_; }
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  // Calls `f` once it drains and none is open or waits any more, by the thread
  // that saw to it, or now.
  void WhenEmpty(absl::AnyInvocable<void()> f) ABSL_LOCKS_EXCLUDED(mu_);

  // So many more have been accepted and wait to be admitted, or may still come
  // while their listener ends; modulo 2^64 less.
  void CountWaiting(size_t change);

  // Connections now open, on their way to their loop, or lingering.
  size_t open() const;
  // Accepted, and not yet admitted.
  size_t waiting() const { return waiting_; }
  size_t open_on_loop(size_t loop_index) const { return open_[loop_index]; }
  // Connections ever placed, and ended for a reason.
  uint64_t opened() const { return opened_; }
  uint64_t closed(CloseReason reason) const {
    return closed_[static_cast<size_t>(reason)];
  }
  // Output that was dropped, of connections that have ended.
  uint64_t unsent_bytes() const { return unsent_bytes_; }
  // How many ended while the group drained: for a reason of their own; and
  // because the server or their loop would not wait for them.
  size_t drained() const { return drained_; }
  size_t forced() const {
    return closed(CloseReason::kServerStopped) +
           closed(CloseReason::kLoopEnded);
  }

 private:
  friend class ConnectionMembership;
  friend class TcpConnection;

  void CountClosed(CloseReason reason, size_t unsent_bytes);
  void CountLeft(size_t loop_index);
  bool IsEmpty() const { return draining_ && waiting_ == 0 && open() == 0; }
  void TellIfEmpty() ABSL_LOCKS_EXCLUDED(mu_);

  const ConnectionCallbacks callbacks_;
  const ConnectionLimits limits_;
  AdmissionControl admission_;
  std::atomic<bool> draining_{false};
  std::atomic<bool> stopped_{false};
  std::vector<std::atomic<size_t>> open_;  // by loop
  std::atomic<size_t> waiting_{0};
  std::atomic<uint64_t> opened_{0};
  std::atomic<uint64_t> closed_[kCloseReasons] = {};
  std::atomic<uint64_t> unsent_bytes_{0};
  std::atomic<size_t> drained_{0};

  std::atomic<bool> awaited_{false};  // when_empty_ has had members

  Mutex mu_;
  std::vector<absl::AnyInvocable<void()>> when_empty_ ABSL_GUARDED_BY(mu_);
};

// Counts one connection in its group for as long as it lives.
class ConnectionMembership {
 public:
  // Not admitted by anybody: counts on its loop only.
  ConnectionMembership(std::shared_ptr<ConnectionGroup> group,
                       size_t loop_index);
  // The group's admission control said kAdmit to `key`.
  ConnectionMembership(std::shared_ptr<ConnectionGroup> group,
                       size_t loop_index, AddressKey key);
  ConnectionMembership(ConnectionMembership&&) = default;
  ConnectionMembership& operator=(ConnectionMembership&&) = delete;
  ~ConnectionMembership();

  ConnectionGroup* group() const { return group_.get(); }

 private:
  std::shared_ptr<ConnectionGroup> group_;  // null when moved from
  AddressKey key_ = kNobody;
  uint32_t loop_index_;
  bool admitted_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_GROUP_H_
