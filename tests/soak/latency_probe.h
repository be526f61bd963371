#ifndef RONDO_TESTS_SOAK_LATENCY_PROBE_H_
#define RONDO_TESTS_SOAK_LATENCY_PROBE_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/histogram.h"
#include "base/unique_fd.h"

namespace rondo {

// One client of an echo server that asks on a steady beat and takes the time.
//
// A reply that is late keeps later requests back, which would make one bad
// sample of what many see who do not wait for each other ("coordinated
// omission"). So it also counts for those who would have asked on the beats
// that it has held back, each from its beat.
//
// Threading: one thread at a time.
// Reference: G. Tene, "How NOT to Measure Latency"; HdrHistogram's
// recordValueWithExpectedInterval().
class LatencyProbe {
 public:
  static constexpr absl::Duration kBeat = absl::Microseconds(200);

  explicit LatencyProbe(uint16_t port);

  // Round trips in nanoseconds, for as long as `go_on`. Fails the test if one
  // does not come back as it was sent.
  Histogram::Snapshot MeasureWhile(absl::FunctionRef<bool()> go_on);
  Histogram::Snapshot MeasureFor(absl::Duration duration);

 private:
  bool RoundTrip();

  UniqueFd fd_;
  uint64_t sequence_ = 0;
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_LATENCY_PROBE_H_
