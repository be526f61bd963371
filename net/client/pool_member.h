#ifndef RONDO_NET_CLIENT_POOL_MEMBER_H_
#define RONDO_NET_CLIENT_POOL_MEMBER_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

// A connection of a ConnectionPool, from when it is open until it has closed.
//
//   idle ──Lend()──► lent ──Return(), and nothing is left over──► idle
//    │                └──Return() otherwise, Abandon()───┐
//    └──Leave(), or the peer sends something─────────────┴──► leaving, closed
//
// It may close by itself in every state. What it hears while it is lent, its
// borrower hears.
//
// Threading: the loop's thread only.
// Ownership and lifetime: shared by its connection, whose context it is, its
// pool and its borrower.
class PoolMember {
 public:
  using Callback = absl::AnyInvocable<void()>;

  // The callbacks of a pool's connections: to the members.
  static ConnectionCallbacks Dispatcher();

  // An idle one. Calls `on_change` when it has become idle again, and when it
  // has closed, which is the last call.
  static std::shared_ptr<PoolMember> Create(TcpConnection& connection,
                                            Callback on_change);

  PoolMember(TcpConnection& connection, Callback on_change)
      : connection_(&connection), on_change_(std::move(on_change)) {}
  PoolMember(const PoolMember&) = delete;
  PoolMember& operator=(const PoolMember&) = delete;

  // Null once it has closed.
  TcpConnection* connection() const { return connection_; }
  bool lent() const { return state_ == State::kLent; }
  // Has been told to close at once, and will have within the turn.
  bool going() const { return going_ && connection_ != nullptr; }
  bool reused() const { return loans_ > 1; }

  // The pool's. Requires: it is idle, or was never lent.
  void Lend();
  // Closes it at once. The pool's, and what Abandon() does.
  void Leave();
  // There is no pool any more: closes, and does not call `on_change`.
  void Disown();

  // The borrower's. Requires: it is lent, unless it has closed.
  void SetCallbacks(ConnectionCallbacks callbacks);
  void Return();
  void Abandon();

 private:
  // kReturning: when the callback returns that is running.
  enum class State { kIdle, kLent, kReturning, kLeaving };
  using Callbacks = std::unique_ptr<const ConnectionCallbacks>;

  static PoolMember& Of(TcpConnection& connection);

  template <typename F, typename... Args>
  [[nodiscard]] Callbacks Call(F ConnectionCallbacks::*which, Args&... args);
  template <typename F, typename... Args>
  void Tell(F ConnectionCallbacks::*which, Args&... args);
  void HandleMessage(Buffer& input);
  void HandleHalfClose();
  void HandleClose(CloseReason reason);

  [[nodiscard]] Callbacks Replace(Callbacks callbacks);
  void GoBack(bool input_left);

  TcpConnection* connection_;
  Callback on_change_;  // null once disowned
  State state_ = State::kIdle;
  bool going_ = false;
  uint64_t loans_ = 0;
  Callbacks callbacks_;  // null if it is not lent or none are set
  const ConnectionCallbacks* running_ = nullptr;  // one of them is
  Callbacks retired_;  // running_, if they are replaced
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_POOL_MEMBER_H_
