#include "net/tcp/placement.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr Placement kPlacements[] = {Placement::kRoundRobin,
                                     Placement::kLeastConnections,
                                     Placement::kReusePort};

}  // namespace

absl::StatusOr<Placement> ParsePlacement(std::string_view text) {
  for (Placement placement : kPlacements) {
    if (text == ToString(placement)) return placement;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no placement is called '", std::string(text),
                   "': use round-robin, least-connections or reuseport"));
}

std::string_view ToString(Placement placement) {
  switch (placement) {
    case Placement::kRoundRobin:
      return "round-robin";
    case Placement::kLeastConnections:
      return "least-connections";
    case Placement::kReusePort:
      return "reuseport";
  }
  return "unknown";
}

}  // namespace rondo
