#ifndef RONDO_NET_TCP_PLACEMENT_H_
#define RONDO_NET_TCP_PLACEMENT_H_

#include <string_view>

#include "absl/status/statusor.h"

namespace rondo {

// Which loop serves the next connection.
enum class Placement {
  kRoundRobin,        // each in turn
  kLeastConnections,  // the one with the fewest open
  kReusePort,  // each loop listens for itself and the kernel chooses, by a hash
               // of the addresses (SO_REUSEPORT in socket(7))
};

// "round-robin", "least-connections", "reuseport"; other text gives an
// InvalidArgument that lists these.
absl::StatusOr<Placement> ParsePlacement(std::string_view text);
std::string_view ToString(Placement placement);

}  // namespace rondo

#endif  // RONDO_NET_TCP_PLACEMENT_H_
