#include "base/clock.h"

#include <time.h>

namespace rondo {
namespace {

MonotonicTime Read(clockid_t clock) {
  timespec ts;
  clock_gettime(clock, &ts);
  return MonotonicTime::FromNanoseconds(int64_t{ts.tv_sec} * 1'000'000'000 +
                                        ts.tv_nsec);
}

class RealClock final : public Clock {
 public:
  MonotonicTime Now() const override { return Read(CLOCK_MONOTONIC); }
  MonotonicTime CoarseNow() const override {
    return Read(CLOCK_MONOTONIC_COARSE);
  }
};

}  // namespace

const Clock& Clock::Real() {
  static const RealClock clock;
  return clock;
}

}  // namespace rondo
