// The watch by itself; that a loop reports each callback to it:
// event_loop_stall_test.cc.
#include "net/reactor/stall_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "tests/net/reactor/warnings.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Callback = StallWatch::Callback;

constexpr absl::Duration kLimit = absl::Milliseconds(100);
constexpr absl::Duration kTick = absl::Nanoseconds(1);
constexpr absl::Duration kSecond = absl::Seconds(1);

class StallWatchTest : public ::testing::Test {
 protected:
  // A callback that takes `d`.
  static void Run(StallWatch& watch, FakeClock& clock, Callback kind,
                  absl::Duration d) {
    clock.Advance(d);
    watch.Finished(kind);
  }
  void Run(Callback kind, absl::Duration d) { Run(watch_, clock_, kind, d); }

  // A turn with one task, which takes `d`.
  void RunTurn(absl::Duration d) {
    watch_.TurnBegins(clock_.Now());
    Run(Callback::kTask, d);
    watch_.TurnEnds();
  }

  FakeClock clock_;
  Warnings warnings_;
  StallWatch watch_{"io-3", kLimit, clock_};
};

TEST_F(StallWatchTest, SaysWhichLoopWhatAndHowLong) {
  RunTurn(absl::Milliseconds(250));
  EXPECT_THAT(warnings_.Take(),
              ElementsAre("io-3: a task callback held the loop for 250ms "
                          "(limit 100ms)"));
  EXPECT_EQ(watch_.stalls(), 1u);
}

TEST_F(StallWatchTest, NamesEachKind) {
  const struct {
    Callback kind;
    const char* name;
  } kKinds[] = {{Callback::kChannel, ": a channel callback "},
                {Callback::kTimer, ": a timer callback "},
                {Callback::kTask, ": a task callback "},
                {Callback::kFlush, ": a flush callback "},
                {Callback::kDestructor, ": a destructor callback "}};
  for (const auto& [kind, name] : kKinds) {
    clock_.Advance(kSecond);
    watch_.TurnBegins(clock_.Now());
    Run(kind, 2 * kLimit);
    EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr(name)));
  }
}

TEST_F(StallWatchTest, TheLimitItselfIsNoStall) {
  RunTurn(kLimit);
  EXPECT_EQ(watch_.stalls(), 0u);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
  RunTurn(kLimit + kTick);
  EXPECT_EQ(watch_.stalls(), 1u);
}

TEST_F(StallWatchTest, ManyShortCallbacksAreNoStall) {
  watch_.TurnBegins(clock_.Now());
  for (int i = 0; i < 1'000; ++i) Run(Callback::kTimer, kLimit);
  EXPECT_EQ(watch_.stalls(), 0u);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

TEST_F(StallWatchTest, BlamesTheOneThatTookLong) {
  watch_.TurnBegins(clock_.Now());
  Run(Callback::kChannel, kLimit);
  Run(Callback::kTimer, kLimit + kTick);
  Run(Callback::kTask, kLimit);
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("timer")));
  EXPECT_EQ(watch_.stalls(), 1u);
}

TEST_F(StallWatchTest, TimeBetweenTurnsIsNobodys) {
  RunTurn(kLimit);
  clock_.Advance(absl::Hours(1));
  RunTurn(kLimit);
  EXPECT_EQ(watch_.stalls(), 0u);
}

TEST_F(StallWatchTest, OutsideOfTurnsNothingCounts) {
  clock_.Advance(absl::Hours(1));
  watch_.Finished(Callback::kFlush);
  RunTurn(kLimit);
  clock_.Advance(absl::Hours(1));
  watch_.Finished(Callback::kDestructor);
  EXPECT_EQ(watch_.stalls(), 0u);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

TEST_F(StallWatchTest, LogsOnceASecondAndSaysHowManyItLeftOut) {
  RunTurn(kLimit + kTick);
  warnings_.Take();
  RunTurn(kSecond - kTick);
  RunTurn(2 * kLimit);  // begins too early, ends late enough
  EXPECT_THAT(
      warnings_.Take(),
      ElementsAre("io-3: a task callback held the loop for 200ms (limit "
                  "100ms); 1 more not logged"));
  for (int i = 0; i < 4; ++i) RunTurn(2 * kLimit);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
  clock_.Advance(kSecond);
  RunTurn(2 * kLimit);
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("; 4 more not logged")));
  clock_.Advance(kSecond);
  RunTurn(2 * kLimit);
  EXPECT_THAT(warnings_.Take(), ElementsAre(::testing::EndsWith(")")));
  EXPECT_EQ(watch_.stalls(), 9u);
}

TEST_F(StallWatchTest, IsOffWithALimitThatIsInfiniteOrNotPositive) {
  for (const absl::Duration limit :
       {absl::InfiniteDuration(), absl::ZeroDuration(), -kLimit}) {
    StallWatch off("loop", limit, clock_);
    off.TurnBegins(clock_.Now());
    Run(off, clock_, Callback::kTask, absl::Hours(24 * 365));
    EXPECT_EQ(off.stalls(), 0u);
  }
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

// The coarse clock lags behind the one that gave the turn's beginning.
class LaggingClock final : public Clock {
 public:
  explicit LaggingClock(const Clock& fine) : fine_(fine) {}
  MonotonicTime Now() const override { return fine_.Now(); }
  MonotonicTime CoarseNow() const override {
    return fine_.Now() + -absl::Milliseconds(4);
  }

 private:
  const Clock& fine_;
};

TEST_F(StallWatchTest, ReadsTheCoarseClockAfterEachCallback) {
  const LaggingClock lagging(clock_);
  StallWatch watch("loop", kLimit, lagging);
  watch.TurnBegins(lagging.Now());
  Run(watch, clock_, Callback::kTask, absl::ZeroDuration());
  EXPECT_EQ(watch.stalls(), 0u);
  Run(watch, clock_, Callback::kTask, kLimit + kTick);
  EXPECT_EQ(watch.stalls(), 1u);
  watch.TurnBegins(lagging.Now());
  Run(watch, clock_, Callback::kTask, kLimit + absl::Milliseconds(4));
  EXPECT_EQ(watch.stalls(), 1u);
}

}  // namespace
}  // namespace rondo
