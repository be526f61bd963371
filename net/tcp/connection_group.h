#ifndef RONDO_NET_TCP_CONNECTION_GROUP_H_
#define RONDO_NET_TCP_CONNECTION_GROUP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "net/tcp/close_reason.h"

namespace rondo {

class Buffer;
class TcpConnection;

// What a server's user hears, each on the connection's loop thread. One set
// serves all connections of the server, from several loops at once: what the
// callbacks share must be safe for that. Any of them may be empty.
struct ConnectionCallbacks {
  // It is open; the first callback.
  absl::AnyInvocable<void(TcpConnection&) const> on_connect = nullptr;
  // Input has come. What is not consumed stays and is passed again with more.
  absl::AnyInvocable<void(TcpConnection&, Buffer& input) const> on_message =
      nullptr;
  // The kernel has taken the last byte of the output.
  absl::AnyInvocable<void(TcpConnection&) const> on_write_complete = nullptr;
  // It has ended; the last callback, exactly once. Sending does nothing now.
  absl::AnyInvocable<void(TcpConnection&, CloseReason) const> on_close =
      nullptr;
};

// The connections of one server: what they share and how many they are.
//
// Threading: all methods are Thread-safe.
// Ownership: shared by the server and its connections, which may outlive it by
// the rest of a turn.
class ConnectionGroup {
 public:
  ConnectionGroup(ConnectionCallbacks callbacks, size_t loops)
      : callbacks_(std::move(callbacks)), open_(loops) {}

  const ConnectionCallbacks& callbacks() const { return callbacks_; }

  // After Stop(), connections that are on their way to a loop do not open.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  // Connections now open, or on their way to their loop.
  size_t open() const;
  size_t open_on_loop(size_t loop_index) const { return open_[loop_index]; }
  // Connections ever placed, and ended for a reason.
  uint64_t opened() const { return opened_; }
  uint64_t closed(CloseReason reason) const {
    return closed_[static_cast<size_t>(reason)];
  }

 private:
  friend class ConnectionMembership;
  friend class TcpConnection;

  void CountClosed(CloseReason reason) {
    ++closed_[static_cast<size_t>(reason)];
  }

  const ConnectionCallbacks callbacks_;
  std::atomic<bool> stopped_{false};
  std::vector<std::atomic<size_t>> open_;  // by loop
  std::atomic<uint64_t> opened_{0};
  std::atomic<uint64_t> closed_[kCloseReasons] = {};
};

// Counts one connection in its group for as long as it lives.
class ConnectionMembership {
 public:
  ConnectionMembership(std::shared_ptr<ConnectionGroup> group,
                       size_t loop_index)
      : group_(std::move(group)), loop_index_(loop_index) {
    ++group_->open_[loop_index_];
    ++group_->opened_;
  }
  ConnectionMembership(ConnectionMembership&&) = default;
  ConnectionMembership& operator=(ConnectionMembership&&) = delete;
  ~ConnectionMembership() {
    if (group_ != nullptr) --group_->open_[loop_index_];
  }

  ConnectionGroup* group() const { return group_.get(); }

 private:
  std::shared_ptr<ConnectionGroup> group_;
  size_t loop_index_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_GROUP_H_
