#ifndef RONDO_BASE_CLOCK_H_
#define RONDO_BASE_CLOCK_H_

#include <compare>
#include <cstdint>

#include "absl/time/time.h"

namespace rondo {

// A point on the monotonic clock, in nanoseconds since an arbitrary start.
//
// Not a calendar time: it is only good for differences, and it never jumps when
// somebody sets the wall clock. Sums saturate at InfiniteFuture().
class MonotonicTime {
 public:
  constexpr MonotonicTime() = default;
  static constexpr MonotonicTime FromNanoseconds(int64_t ns) {
    return MonotonicTime(ns);
  }
  static constexpr MonotonicTime InfiniteFuture() {
    return MonotonicTime(INT64_MAX);
  }

  constexpr int64_t nanoseconds() const { return ns_; }

  friend constexpr auto operator<=>(MonotonicTime, MonotonicTime) = default;

  friend MonotonicTime operator+(MonotonicTime t, absl::Duration d) {
    int64_t sum;
    const int64_t ns = absl::ToInt64Nanoseconds(d);  // saturates
    if (!__builtin_add_overflow(t.ns_, ns, &sum)) return MonotonicTime(sum);
    return MonotonicTime(ns > 0 ? INT64_MAX : INT64_MIN);
  }
  friend absl::Duration operator-(MonotonicTime a, MonotonicTime b) {
    int64_t difference;
    if (!__builtin_sub_overflow(a.ns_, b.ns_, &difference)) {
      return absl::Nanoseconds(difference);
    }
    return absl::Nanoseconds(a.ns_) - absl::Nanoseconds(b.ns_);
  }

 private:
  explicit constexpr MonotonicTime(int64_t ns) : ns_(ns) {}

  int64_t ns_ = 0;
};

// Where loops read the time: Clock::Real(), or a FakeClock in a test.
//
// Threading: all methods are Thread-safe.
// Reference: clock_gettime(2), CLOCK_MONOTONIC and CLOCK_MONOTONIC_COARSE.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime Now() const = 0;

  // Now() or a little earlier, for a fraction of the cost: the machine's is the
  // time of the kernel's last tick, of which there are 100 to 1,000 a second.
  virtual MonotonicTime CoarseNow() const { return Now(); }

  // The machine's monotonic clock. Lives for ever.
  static const Clock& Real();
};

}  // namespace rondo

#endif  // RONDO_BASE_CLOCK_H_
