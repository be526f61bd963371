#ifndef RONDO_NET_TCP_CLOSE_REASON_H_
#define RONDO_NET_TCP_CLOSE_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondo {

// Why a connection ended: the first cause that was noticed.
enum class CloseReason : uint8_t {
  kPeerClosed,     // the peer sent FIN
  kPeerReset,      // the peer sent RST, or had closed when we wrote
  kLocalClosed,    // Close()
  kForceClosed,    // ForceClose()
  kServerStopped,  // the server was stopped or destroyed
  kLoopEnded,      // its loop was stopped under it
  kSocketError,    // another error of the socket
  kPollerRefused,  // the poller cannot watch its descriptor
};
inline constexpr size_t kCloseReasons = 8;

// "peer closed" and so on, for logs.
std::string_view ToString(CloseReason reason);

}  // namespace rondo

#endif  // RONDO_NET_TCP_CLOSE_REASON_H_
