#include "net/client/backoff.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace rondo {

absl::Status RetryOptions::Check() const {
  if (initial_delay <= absl::ZeroDuration() ||
      initial_delay == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("initial_delay is ", absl::FormatDuration(initial_delay),
                     ", and must be more than 0 and finite"));
  }
  if (max_delay < initial_delay || max_delay == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "max_delay is ", absl::FormatDuration(max_delay),
        ", and must be finite and at least initial_delay, which is ",
        absl::FormatDuration(initial_delay)));
  }
  if (!(multiplier >= 1) || !std::isfinite(multiplier)) {
    return absl::InvalidArgumentError(
        absl::StrCat("multiplier is ", multiplier, ", and must be at least 1"));
  }
  if (!(jitter >= 0 && jitter <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("jitter is ", jitter, ", and must be from 0 to 1"));
  }
  if (max_attempts < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "max_attempts is ", max_attempts, ", and must not be negative"));
  }
  return absl::OkStatus();
}

Backoff::Backoff(const RetryOptions& options)
    : options_(options), random_(std::random_device()()) {}

absl::Duration Backoff::Next() {
  ++failures_;
  if (options_.max_attempts > 0 && failures_ >= options_.max_attempts) {
    return absl::InfiniteDuration();
  }
  return DelayAfter(failures_);
}

absl::Duration Backoff::DelayAfter(int failures) {
  // The power overflows to infinity, and min() takes that in.
  const double growth = std::pow(options_.multiplier, failures - 1);
  const absl::Duration longest =
      std::min(options_.max_delay, options_.initial_delay * growth);
  std::uniform_real_distribution<double> chance(0, options_.jitter);
  return longest * (1 - chance(random_));
}

}  // namespace rondo
