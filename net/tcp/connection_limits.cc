#include "net/tcp/connection_limits.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {

absl::Status ConnectionLimits::Check() const {
  if (low_water_mark_bytes > high_water_mark_bytes ||
      high_water_mark_bytes > max_output_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "output limits of ", low_water_mark_bytes, " (low), ",
        high_water_mark_bytes, " (high) and ", max_output_bytes,
        " (maximum) bytes: low may not exceed high, nor high the maximum"));
  }
  if (max_output_bytes == 0 || max_input_bytes == 0 ||
      max_read_bytes_per_turn == 0) {
    return absl::InvalidArgumentError(
        "max_output_bytes, max_input_bytes and max_read_bytes_per_turn must "
        "be at least 1");
  }
  const std::pair<const char*, absl::Duration> deadlines[] = {
      {"first_byte_timeout", first_byte_timeout},
      {"idle_timeout", idle_timeout},
      {"write_stall_timeout", write_stall_timeout},
      {"max_lifetime", max_lifetime},
      {"drain_quiet_time", drain_quiet_time}};
  for (const auto& [name, value] : deadlines) {
    if (value > absl::ZeroDuration()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of ", absl::FormatDuration(value),
                     ": must be more than 0; infinite switches it off"));
  }
  if (linger_timeout < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("linger_timeout may not be negative");
  }
  return absl::OkStatus();
}

}  // namespace rondo
