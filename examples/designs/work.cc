#include "examples/designs/work.h"

#include <gflags/gflags.h>

#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "examples/flag_check.h"

DEFINE_int32(work_us_per_kib, 0,
             "microseconds, 0 to 10000, that a worker takes over each KiB "
             "between reading and sending; shows who else gets the connection "
             "meanwhile");

namespace rondo::examples {
namespace {

// The program does not end before a worker has ended what it has in hand, 64
// KiB at most.
constexpr int kMaxWork = 10'000;

bool IsSensible(const char* flag, int32_t value) {
  CheckRange(flag, value, 0, kMaxWork);  // or ends the program
  return true;
}

DEFINE_validator(work_us_per_kib, IsSensible);

}  // namespace

void Work(size_t bytes) {
  if (FLAGS_work_us_per_kib == 0) return;
  absl::SleepFor(absl::Microseconds(FLAGS_work_us_per_kib) *
                 (static_cast<double>(bytes) / 1'024));
}

}  // namespace rondo::examples
