#include "examples/designs/work.h"

#include <gflags/gflags.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

DEFINE_uint32(work_us_per_kib, 0,
              "microseconds that a worker takes over each KiB between reading "
              "and sending; shows who else gets the connection meanwhile");

namespace rondo::examples {

void Work(size_t bytes) {
  if (FLAGS_work_us_per_kib == 0) return;
  absl::SleepFor(absl::Microseconds(FLAGS_work_us_per_kib) *
                 (static_cast<double>(bytes) / 1'024));
}

}  // namespace rondo::examples
