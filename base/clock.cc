#include "base/clock.h"

#include <time.h>

namespace rondo {
namespace {

class RealClock final : public Clock {
 public:
  MonotonicTime Now() const override {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return MonotonicTime::FromNanoseconds(int64_t{ts.tv_sec} * 1'000'000'000 +
                                          ts.tv_nsec);
  }
};

}  // namespace

const Clock& Clock::Real() {
  static const RealClock clock;
  return clock;
}

}  // namespace rondo
