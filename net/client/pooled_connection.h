#ifndef RONDO_NET_CLIENT_POOLED_CONNECTION_H_
#define RONDO_NET_CLIENT_POOLED_CONNECTION_H_

#include <memory>

#include "base/detachable.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class PoolMember;

// A connection of a ConnectionPool, lent to one borrower at a time. Its context
// slot is the pool's. What is set by SetTcpNoDelay(), LingerOnClose() and the
// like stays so; reading, its feeder and its expectation are reset when it is
// returned.
//
// Threading: the loop's thread only.
// Ownership and lifetime: a move-only value. Destroying it closes the
// connection, for who is cut short in the middle of an answer must not leave
// the rest of it to the next; Return() gives it back. The pool may be destroyed
// first. Handles of the connection are not to be used once it is given back.
//
// Example:
//   lent_ = *std::move(lent);
//   lent_.SetCallbacks({.on_message = [this](TcpConnection&, Buffer& input) {
//     if (!TakeAnswer(input)) return;
//     lent_.Return();
//   }});
//   lent_->Send(question);
class PooledConnection {
 public:
  explicit PooledConnection(std::shared_ptr<PoolMember> member);
  PooledConnection(PooledConnection&&) noexcept;
  PooledConnection& operator=(PooledConnection&&) noexcept;
  ~PooledConnection();

  // What the borrower hears of the connection from now on until it is given
  // back or has called on_close. on_connect and on_drain are not called; input
  // that comes while there is no on_message is dropped. May be called by one
  // of these callbacks, of which the one that runs is destroyed when it has
  // returned. Does nothing once the connection has closed or was returned.
  void SetCallbacks(ConnectionCallbacks callbacks);

  // Null once it has closed or was returned.
  TcpConnection* get() const;
  TcpConnection* operator->() const { return get(); }

  // Whether somebody has used it before; false once it was returned.
  bool reused() const;

  // For the next borrower. Requires: no answer is outstanding, which the next
  // would take for his own. May be called by one of the callbacks, which is the
  // last then. If, when that returns, something of this borrowing is left over
  // (input, output, a hold, or a FIN that was sent or received), the connection
  // closes; what was sent on this thread is sent first.
  void Return();

 private:
  // Null when moved from or returned.
  Detachable<std::shared_ptr<PoolMember>> member_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_POOLED_CONNECTION_H_
