#include "examples/flag_check.h"

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/init.h"

namespace rondo::examples {

void RejectFlag(std::string_view flag, std::string_view value,
                std::string_view allowed) {
  std::cerr << "ERROR: --" << flag << "=" << value << ": allowed is " << allowed
            << "\n";
  std::exit(kExitBadFlags);
}

void CheckAtLeastOne(std::string_view flag, uint64_t value) {
  if (value == 0) RejectFlag(flag, "0", "1 or more");
}

void CheckRange(std::string_view flag, int value, int min, int max) {
  if (value >= min && value <= max) return;
  const std::string allowed = max == kUnlimited
                                  ? absl::StrCat(min, " or more")
                                  : absl::StrCat(min, " to ", max);
  RejectFlag(flag, absl::StrCat(value), allowed);
}

void CheckSize(std::string_view flag, uint64_t value, uint64_t min,
               uint64_t max) {
  if (value >= min && value <= max) return;
  RejectFlag(flag, absl::StrCat(value), absl::StrCat(min, " to ", max));
}

absl::Duration CheckDuration(std::string_view flag, const std::string& text,
                             bool zero_allowed) {
  absl::Duration result;
  const bool parsed = absl::ParseDuration(text, &result);
  const bool negative = result < absl::ZeroDuration();
  const bool zero = result == absl::ZeroDuration();
  if (!parsed || negative || (zero && !zero_allowed)) {
    RejectFlag(flag, text,
               zero_allowed ? "0 or a duration such as 2s or 1.5m"
                            : "a duration such as 90s, 1.5m, 24h or inf");
  }
  return result;
}

}  // namespace rondo::examples
