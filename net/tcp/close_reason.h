#ifndef RONDO_NET_TCP_CLOSE_REASON_H_
#define RONDO_NET_TCP_CLOSE_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondo {

// Why a connection ended: the first cause that was noticed, or the cause that
// lost queued output if there was one.
enum class CloseReason : uint8_t {
  kPeerClosed,     // the peer sent FIN
  kPeerReset,      // the peer sent RST, or had closed when we wrote
  kLocalClosed,    // Close()
  kForceClosed,    // ForceClose()
  kDrained,        // the server is stopping and the connection owed nothing
  kServerStopped,  // the server stopped or was destroyed, and did not wait
  kLoopEnded,      // its loop was stopped under it
  kSocketError,    // another error of the socket
  kPollerRefused,  // the poller cannot watch its descriptor
  kFileError,      // a file to be sent is shorter than that, or unreadable
  // A limit of ConnectionLimits:
  kFirstByteTimeout,    // no input came
  kIdleTimeout,         // neither direction moved
  kExpectationTimeout,  // what ExpectWithin() waits for did not come
  kWriteStalled,        // the peer did not read
  kLifetimeEnded,       // it was open for so long
  kOutputLimit,         // too much was queued for it
  kInputLimit,          // its handler left too much
  kMemoryLimit,         // it would have needed more than MemoryBudget has
};
inline constexpr size_t kCloseReasons = 18;

// Why a connection ends whose socket has failed with this errno.
CloseReason ReasonOfError(int error);

// "peer closed" and so on, for logs.
std::string_view ToString(CloseReason reason);

}  // namespace rondo

#endif  // RONDO_NET_TCP_CLOSE_REASON_H_
