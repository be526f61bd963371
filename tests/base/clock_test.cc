#include "base/clock.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdint>

#include "absl/time/time.h"
#include "base/fake_clock.h"

namespace rondo {
namespace {

MonotonicTime At(int64_t ns) { return MonotonicTime::FromNanoseconds(ns); }

int64_t MachineNanoseconds(clockid_t clock) {
  timespec ts;
  clock_gettime(clock, &ts);
  return absl::ToInt64Nanoseconds(absl::DurationFromTimespec(ts));
}

TEST(MonotonicTimeTest, OrdersByNanoseconds) {
  EXPECT_LT(At(1), At(2));
  EXPECT_EQ(At(2), At(2));
  EXPECT_GT(MonotonicTime::InfiniteFuture(), At(INT64_MAX - 1));
  EXPECT_EQ(MonotonicTime().nanoseconds(), 0);
}

TEST(MonotonicTimeTest, AddsAndSubtractsDurations) {
  EXPECT_EQ(At(5) + absl::Nanoseconds(3), At(8));
  EXPECT_EQ(At(5) + absl::Nanoseconds(-3), At(2));
  EXPECT_EQ(At(5) - At(8), absl::Nanoseconds(-3));
  EXPECT_EQ(At(0) + absl::Seconds(1), At(1'000'000'000));
}

TEST(MonotonicTimeTest, SumsSaturate) {
  const MonotonicTime never = MonotonicTime::InfiniteFuture();
  EXPECT_EQ(At(1) + absl::InfiniteDuration(), never);
  EXPECT_EQ(never + absl::Nanoseconds(1), never);
  EXPECT_EQ(At(INT64_MAX - 1) + absl::Nanoseconds(2), never);
  EXPECT_EQ(At(-2) + -absl::InfiniteDuration(), At(INT64_MIN));
}

TEST(MonotonicTimeTest, DifferencesOfTheExtremesAreExact) {
  EXPECT_EQ(At(INT64_MAX) - At(INT64_MIN),
            absl::Nanoseconds(INT64_MAX) - absl::Nanoseconds(INT64_MIN));
  EXPECT_GT(At(INT64_MAX) - At(INT64_MIN), absl::ZeroDuration());
}

// The wall clock can be set; this one cannot (clock_gettime(2)). That Now()
// lies between two readings of CLOCK_MONOTONIC shows which of the two it is.
TEST(ClockTest, RealIsTheMachinesMonotonicClock) {
  const int64_t before = MachineNanoseconds(CLOCK_MONOTONIC);
  const int64_t now = Clock::Real().Now().nanoseconds();
  const int64_t after = MachineNanoseconds(CLOCK_MONOTONIC);
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

// Readings of the coarse clock by itself enclose it; the fine one is ahead.
TEST(ClockTest, CoarseNowIsTheMachinesCoarseMonotonicClock) {
  const int64_t before = MachineNanoseconds(CLOCK_MONOTONIC_COARSE);
  const int64_t coarse = Clock::Real().CoarseNow().nanoseconds();
  const int64_t after = MachineNanoseconds(CLOCK_MONOTONIC_COARSE);
  EXPECT_LE(before, coarse);
  EXPECT_LE(coarse, after);
  EXPECT_LE(coarse, Clock::Real().Now().nanoseconds());
}

TEST(ClockTest, RealNeverGoesBack) {
  MonotonicTime last = Clock::Real().Now();
  for (int i = 0; i < 10'000; ++i) {
    const MonotonicTime now = Clock::Real().Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(FakeClockTest, StandsStillUntilAdvanced) {
  FakeClock clock;
  const MonotonicTime start = clock.Now();
  EXPECT_NE(start, MonotonicTime());
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Milliseconds(3));
  EXPECT_EQ(clock.Now(), start + absl::Milliseconds(3));
}

TEST(FakeClockTest, CoarseNowIsExact) {
  FakeClock clock;
  clock.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(clock.CoarseNow(), clock.Now());
}

}  // namespace
}  // namespace rondo
