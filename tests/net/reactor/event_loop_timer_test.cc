// EventLoop's timers on a fake clock, and that its own clock is the monotonic
// one. TimerQueue's own behaviour: timer_queue_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "base/thread.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "net/reactor/timer_id.h"
#include "tests/testing/loops.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kSecond = absl::Seconds(1);

class EventLoopTimerTest : public ::testing::Test {
 protected:
  // A step that moves the clock; what is due then runs before the next step.
  Step Advance(absl::Duration d) {
    return [this, d] { clock_.Advance(d); };
  }

  EventLoop::Task Note(int label) {
    return [this, label] { log_.push_back(label); };
  }

  Step ExpectLog(std::vector<int> expected) {
    return [this, expected] { EXPECT_EQ(std::exchange(log_, {}), expected); };
  }

  FakeClock clock_;
  const MonotonicTime start_ = clock_.Now();
  std::unique_ptr<EventLoop> loop_ = NewLoop({.clock = &clock_});
  std::vector<int> log_;
};

TEST_F(EventLoopTimerTest, RunsWhenItsTimeHasComeAndOnce) {
  loop_->RunAfter(kSecond, Note(1));
  loop_->RunAt(start_ + 2 * kSecond, Note(2));
  RunSteps(*loop_, ExpectLog({}), Advance(kSecond - absl::Nanoseconds(1)),
           ExpectLog({}), Advance(absl::Nanoseconds(1)), ExpectLog({1}),
           Advance(kSecond), ExpectLog({2}), Advance(kSecond), ExpectLog({}));
}

TEST_F(EventLoopTimerTest, ADeadlineThatHasPassedMeansTheNextTurn) {
  RunSteps(
      *loop_,
      [&] {
        loop_->RunAt(start_ + -kSecond, Note(1));
        loop_->RunAfter(-absl::InfiniteDuration(), Note(2));
        loop_->RunAfter(absl::ZeroDuration(), Note(3));
        EXPECT_THAT(log_, IsEmpty());
      },
      ExpectLog({1, 2, 3}));
}

// Even if it is armed with a deadline before those that wait already.
TEST_F(EventLoopTimerTest, ArmedInACallbackItWaitsForTheNextTurn) {
  int depth = 0;
  loop_->RunAfter(absl::ZeroDuration(), [&] {
    loop_->RunAt(MonotonicTime(), [&] { ++depth; });
    loop_->QueueInLoop([&] { EXPECT_EQ(depth, 0); });  // the same turn
  });
  RunSteps(
      *loop_, [] {}, [&] { EXPECT_EQ(depth, 1); });
}

TEST_F(EventLoopTimerTest, RunEveryBeginsOneIntervalFromNowAndDoesNotDrift) {
  loop_->RunEvery(kSecond, Note(1));
  RunSteps(*loop_, ExpectLog({}), Advance(1.5 * kSecond), ExpectLog({1}),
           Advance(0.5 * kSecond), ExpectLog({1}),  // at 2 s, not at 2.5 s
           Advance(0.9 * kSecond), ExpectLog({}), Advance(0.1 * kSecond),
           ExpectLog({1}));
}

TEST_F(EventLoopTimerTest, RunEveryLateByManyIntervalsRunsOnce) {
  loop_->RunEvery(kSecond, Note(1));
  RunSteps(*loop_, Advance(10.3 * kSecond), ExpectLog({1}), ExpectLog({}),
           Advance(0.6 * kSecond), ExpectLog({}), Advance(0.1 * kSecond),
           ExpectLog({1}));
}

TEST_F(EventLoopTimerTest, CancelTellsWhetherTheTimerWasArmed) {
  const TimerId once = loop_->RunAfter(kSecond, Note(1));
  const TimerId every = loop_->RunEvery(kSecond, Note(2));
  EXPECT_TRUE(loop_->Cancel(once));
  EXPECT_FALSE(loop_->Cancel(once));
  EXPECT_FALSE(loop_->Cancel(TimerId()));
  RunSteps(
      *loop_, Advance(kSecond), ExpectLog({2}),
      [&] { EXPECT_TRUE(loop_->Cancel(every)); }, Advance(kSecond),
      ExpectLog({}));
}

TEST_F(EventLoopTimerTest, CancelledByAnEarlierOneInTheSameTurnItDoesNotRun) {
  TimerId victim;
  loop_->RunAfter(kSecond, [&] { EXPECT_TRUE(loop_->Cancel(victim)); });
  victim = loop_->RunAfter(kSecond, Note(1));
  loop_->RunAfter(kSecond, Note(2));
  RunSteps(*loop_, Advance(kSecond), ExpectLog({2}));
}

TEST_F(EventLoopTimerTest, InfiniteDelayNeverComes) {
  loop_->RunAfter(absl::InfiniteDuration(), Note(1));
  loop_->RunAt(MonotonicTime::InfiniteFuture(), Note(2));
  loop_->RunEvery(absl::InfiniteDuration(), Note(3));
  RunSteps(*loop_, Advance(absl::Hours(24 * 365 * 200)), ExpectLog({}));
}

// Otherwise the loop would wait for real for what a fake clock is far from.
TEST_F(EventLoopTimerTest, APostWakesALoopThatWaitsForAFarTimer) {
  loop_->RunAfter(absl::Hours(24), [this] { loop_->Stop(); });
  Thread waker = NewThread("waker", [this] {
    clock_.Advance(absl::Hours(24));
    loop_->QueueInLoop([] {});
  });
  loop_->Run();
}

// Counts the timers of each turn.
struct TimersPerTurn : LoopLocal {
  explicit TimersPerTurn(EventLoop*) {}
  void FlushTurn() override {
    if (count > 0) turns.push_back(std::exchange(count, 0));
  }
  int count = 0;
  std::vector<int> turns;
};

TEST_F(EventLoopTimerTest, TimersBeyondTheBudgetWaitForTheNextTurnInOrder) {
  loop_ = NewLoop({.clock = &clock_, .max_timers_per_turn = 4});
  TimersPerTurn& per_turn = loop_->Local<TimersPerTurn>();
  for (int i = 0; i < 10; ++i) {
    loop_->RunAfter(absl::ZeroDuration(), [this, &per_turn, i] {
      log_.push_back(i);
      ++per_turn.count;
      if (i == 9) loop_->Stop();
    });
  }
  loop_->Run();  // does not wait between the turns: the clock stands still
  EXPECT_THAT(log_, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(per_turn.turns, ElementsAre(4, 4, 2));
}

TEST_F(EventLoopTimerTest, TimersThatNeverRanAreDestroyedWithTheLoop) {
  auto token = std::make_shared<int>();
  loop_->RunAfter(kSecond, [token] {});
  loop_->RunEvery(kSecond, [token] {});
  RunTurns(*loop_, 1);
  EXPECT_EQ(token.use_count(), 3);
  loop_.reset();
  EXPECT_EQ(token.use_count(), 1);
}

MonotonicTime MachineTime(clockid_t clock) {
  timespec ts;
  clock_gettime(clock, &ts);
  return MonotonicTime() + absl::DurationFromTimespec(ts);
}

// The machine's wall clock can be set at any moment, and is not touched here.
// That the loop's time lies between two readings of CLOCK_MONOTONIC, decades
// away from the wall clock's, shows that it does not look at the other.
TEST(EventLoopClockTest, IsTheMonotonicClockWhichNobodyCanSet) {
  const auto loop = NewLoop();
  const MonotonicTime before = MachineTime(CLOCK_MONOTONIC);
  MonotonicTime armed_at;
  MonotonicTime ran_at;
  loop->QueueInLoop([&] {
    armed_at = loop->now();
    loop->RunAfter(absl::Microseconds(200), [&] {
      ran_at = loop->now();
      loop->Stop();
    });
  });
  loop->Run();
  const MonotonicTime after = MachineTime(CLOCK_MONOTONIC);
  EXPECT_LE(before, armed_at);
  EXPECT_LE(armed_at + absl::Microseconds(200), ran_at);
  EXPECT_LE(ran_at, after);
  EXPECT_LT(after, MachineTime(CLOCK_REALTIME));
}

}  // namespace
}  // namespace rondo
