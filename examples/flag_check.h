#ifndef RONDO_EXAMPLES_FLAG_CHECK_H_
#define RONDO_EXAMPLES_FLAG_CHECK_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace rondo::examples {

inline constexpr int kUnlimited = std::numeric_limits<int>::max();

// Ends the program with kExitBadFlags and a line on stderr that names the flag,
// its value and what is allowed.
[[noreturn]] void RejectFlag(std::string_view flag, std::string_view value,
                             std::string_view allowed);

// Rejects zero.
void CheckAtLeastOne(std::string_view flag, uint64_t value);

// Rejects a value that is not from `min` to `max`, both allowed.
void CheckRange(std::string_view flag, int value, int min, int max);
void CheckSize(std::string_view flag, uint64_t value, uint64_t min,
               uint64_t max);

// The duration that a flag's text says, such as 90s or inf; rejects what is
// none, what is negative, and zero unless that is allowed.
absl::Duration CheckDuration(std::string_view flag, const std::string& text,
                             bool zero_allowed);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_FLAG_CHECK_H_
