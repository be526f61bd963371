#include "net/http/http_options.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr uint64_t kLineEndBytes = 2;
// Of what is searched for its end as it comes: more than anybody has, and far
// from what sums overflow with.
constexpr uint64_t kMaxBytes = 1 << 30;

}  // namespace

absl::Status HttpOptions::Check() const {
  struct Count {
    const char* name;
    uint64_t value;
    uint64_t min = 1;
    uint64_t max = UINT64_MAX;
  };
  const Count counts[] = {
      {"max_request_line_bytes", limits.max_request_line_bytes, 1, kMaxBytes},
      {"max_header_bytes", limits.max_header_bytes, kLineEndBytes, kMaxBytes},
      {"max_fields", limits.max_fields},
      {"max_chunk_extension_bytes", limits.max_chunk_extension_bytes, 0,
       kMaxBytes},
      {"max_trailer_bytes", limits.max_trailer_bytes, kLineEndBytes, kMaxBytes},
      {"max_pipelined_requests", max_pipelined_requests},
      {"min_body_bytes_per_second", min_body_bytes_per_second}};
  for (const Count& count : counts) {
    if (count.value < count.min) {
      return absl::InvalidArgumentError(absl::StrCat(
          count.name, " of ", count.value, ": must be at least ", count.min));
    }
    if (count.value > count.max) {
      return absl::InvalidArgumentError(absl::StrCat(
          count.name, " of ", count.value, ": must be at most ", count.max));
    }
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
