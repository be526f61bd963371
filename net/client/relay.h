#ifndef RONDO_NET_CLIENT_RELAY_H_
#define RONDO_NET_CLIENT_RELAY_H_

#include <optional>

#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/connection_handle.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

// One end of two connections that are joined to one stream, as a proxy does:
//
//   one's          becomes the other's
//   input          output
//   FIN            FIN, behind that output
//   orderly end    end, behind that output
//   RST, error, exceeded limit                      RST
//
// Neither is read while the other's output is above its high water mark, so a
// slow reader holds up the sender and what waits stays bounded: by that mark
// and one read block for each direction.
//
// Who has spoken last is owed an answer: its connection is held, so that a
// server that drains does not take it for idle.
//
// Threading: the connections' loop only; both have the same.
// Ownership and lifetime: each connection's context owns one; the connections
// may end in any order. Requires of their ConnectionLimits: half closes are
// allowed; max_output_bytes is more than the high water mark by a read block.
//
// Example: examples/tcp_proxy.
class Relay {
 public:
  // Joins `a` and `b`, of which these are the ends. Requires: neither has had
  // input yet, so better pause reading. What has become of one of them before,
  // a FIN or its end, the other hears now.
  static void Join(TcpConnection& a, Relay& end_of_a, TcpConnection& b,
                   Relay& end_of_b);

  // To be called by the callbacks of the connection whose end this is.
  void HandleMessage(TcpConnection& connection, Buffer& input);
  void HandleHalfClose();
  void HandleClose(CloseReason reason);

 private:
  void SetPeer(TcpConnection& peer, Relay& end_of_peer);
  // The other side has answered.
  void ReleaseHold(TcpConnection& connection);

  ConnectionHandle peer_;
  Relay* end_of_peer_ = nullptr;  // good as long as peer_ is open
  std::optional<ConnectionHold> owed_;
  // What came before there was a peer, too.
  bool input_ended_ = false;
  std::optional<CloseReason> closed_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_RELAY_H_
