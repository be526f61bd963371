#include "net/tcp/close_reason.h"

#include <cerrno>

namespace rondo {

CloseReason ReasonOfError(int error) {
  return error == ECONNRESET || error == EPIPE ? CloseReason::kPeerReset
                                               : CloseReason::kSocketError;
}

std::string_view ToString(CloseReason reason) {
  switch (reason) {
    case CloseReason::kPeerClosed:
      return "peer closed";
    case CloseReason::kPeerReset:
      return "peer reset";
    case CloseReason::kLocalClosed:
      return "local closed";
    case CloseReason::kForceClosed:
      return "force closed";
    case CloseReason::kDrained:
      return "drained";
    case CloseReason::kServerStopped:
      return "server stopped";
    case CloseReason::kLoopEnded:
      return "loop ended";
    case CloseReason::kSocketError:
      return "socket error";
    case CloseReason::kPollerRefused:
      return "poller refused";
    case CloseReason::kFileError:
      return "file error";
    case CloseReason::kFirstByteTimeout:
      return "first byte timeout";
    case CloseReason::kIdleTimeout:
      return "idle timeout";
    case CloseReason::kExpectationTimeout:
      return "expectation timeout";
    case CloseReason::kWriteStalled:
      return "write stalled";
    case CloseReason::kLifetimeEnded:
      return "lifetime ended";
    case CloseReason::kOutputLimit:
      return "output limit";
    case CloseReason::kInputLimit:
      return "input limit";
    case CloseReason::kMemoryLimit:
      return "memory limit";
  }
  return "unknown";
}

}  // namespace rondo
