#include "net/http/http_options.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {

absl::Status HttpOptions::Check() const {
  const std::pair<const char*, uint64_t> counts[] = {
      {"max_request_line_bytes", limits.max_request_line_bytes},
      {"max_header_bytes", limits.max_header_bytes},
      {"max_fields", limits.max_fields},
      {"max_pipelined_requests", max_pipelined_requests},
      {"min_body_bytes_per_second", min_body_bytes_per_second}};
  for (const auto& [name, value] : counts) {
    if (value > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of 0: must be at least 1"));
  }
  const std::pair<const char*, absl::Duration> timeouts[] = {
      {"header_timeout", header_timeout},
      {"body_timeout", body_timeout},
      {"keep_alive_timeout", keep_alive_timeout}};
  for (const auto& [name, value] : timeouts) {
    if (value > absl::ZeroDuration()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of ", absl::FormatDuration(value),
                     ": must be more than 0; infinite switches it off"));
  }
  return absl::OkStatus();
}

}  // namespace rondo
