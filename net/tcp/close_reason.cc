#include "net/tcp/close_reason.h"

namespace rondo {

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
    case CloseReason::kServerStopped:
      return "server stopped";
    case CloseReason::kLoopEnded:
      return "loop ended";
    case CloseReason::kSocketError:
      return "socket error";
    case CloseReason::kPollerRefused:
      return "poller refused";
  }
  return "unknown";
}

}  // namespace rondo
