// Behaviours one by one; at random against a model: timer_queue_model_test.cc.
#include "net/reactor/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/reactor/timer_id.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kNoBudget = INT32_MAX;

MonotonicTime At(int64_t ns) { return MonotonicTime::FromNanoseconds(ns); }

class TimerQueueTest : public ::testing::Test {
 protected:
  // Arms a timer that logs `label`.
  TimerId Add(int64_t at, int label) {
    return queue_->Add(At(at), absl::ZeroDuration(),
                       [this, label] { log_.push_back(label); });
  }
  TimerId AddPeriodic(int64_t first, int64_t interval,
                      TimerQueue::Callback callback) {
    return queue_->Add(At(first), absl::Nanoseconds(interval),
                       std::move(callback));
  }
  TimerId AddOnce(int64_t at, TimerQueue::Callback callback) {
    return queue_->Add(At(at), absl::ZeroDuration(), std::move(callback));
  }

  int Run(int64_t now, int budget = kNoBudget) {
    return queue_->RunDue(At(now), budget);
  }

  // What was logged since the last call.
  std::vector<int> Log() { return std::exchange(log_, {}); }

  std::optional<TimerQueue> queue_{std::in_place};
  std::vector<int> log_;
};

TEST_F(TimerQueueTest, TellsAfterEachCallbackThatItIsGone) {
  const auto note = [this](int label) {
    return OnDestroy([this, label] { log_.push_back(label); });
  };
  AddOnce(1, [this, token = note(-1)] { log_.push_back(1); });
  AddPeriodic(2, 10, [this] { log_.push_back(2); });
  EXPECT_EQ(queue_->RunDue(At(5), kNoBudget, [this] { log_.push_back(0); }), 2);
  EXPECT_THAT(Log(), ElementsAre(1, -1, 0, 2, 0));
}

TEST_F(TimerQueueTest, EmptyHasNoDeadline) {
  EXPECT_EQ(queue_->size(), 0u);
  EXPECT_EQ(queue_->NextDeadline(), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(Run(INT64_MAX - 1), 0);
}

TEST_F(TimerQueueTest, RunsAtItsDeadlineAndNotBefore) {
  Add(100, 1);
  EXPECT_EQ(queue_->NextDeadline(), At(100));
  EXPECT_EQ(Run(99), 0);
  EXPECT_THAT(Log(), IsEmpty());
  EXPECT_EQ(Run(100), 1);
  EXPECT_THAT(Log(), ElementsAre(1));
  EXPECT_EQ(queue_->size(), 0u);
  EXPECT_EQ(Run(1'000), 0);
}

TEST_F(TimerQueueTest, RunsInOrderOfDeadline) {
  for (int at : {50, 10, 40, 20, 30}) Add(at, at);
  EXPECT_EQ(Run(45), 4);
  EXPECT_THAT(Log(), ElementsAre(10, 20, 30, 40));
  EXPECT_EQ(queue_->NextDeadline(), At(50));
}

TEST_F(TimerQueueTest, EqualDeadlinesRunInOrderOfArming) {
  std::vector<int> expected;
  std::vector<TimerId> removed;
  for (int i = 0; i < 1'000; ++i) {
    Add(100, i);
    // What goes again must not disturb the order of what stays.
    removed.push_back(Add(i % 2 == 0 ? 50 : 100, -1));
    expected.push_back(i);
  }
  for (TimerId id : removed) EXPECT_TRUE(queue_->Cancel(id));
  Run(100);
  EXPECT_EQ(Log(), expected);
}

TEST_F(TimerQueueTest, CancelledDoesNotRun) {
  Add(10, 1);
  const TimerId id = Add(20, 2);
  Add(30, 3);
  EXPECT_TRUE(queue_->Cancel(id));
  EXPECT_EQ(queue_->size(), 2u);
  Run(100);
  EXPECT_THAT(Log(), ElementsAre(1, 3));
}

TEST_F(TimerQueueTest, CancellingTheNextMovesTheDeadline) {
  const TimerId id = Add(10, 1);
  Add(20, 2);
  queue_->Cancel(id);
  EXPECT_EQ(queue_->NextDeadline(), At(20));
}

TEST_F(TimerQueueTest, CancelTwiceIsHarmless) {
  const TimerId id = Add(10, 1);
  Add(20, 2);
  EXPECT_TRUE(queue_->Cancel(id));
  EXPECT_FALSE(queue_->Cancel(id));
  EXPECT_EQ(queue_->size(), 1u);
}

TEST_F(TimerQueueTest, CancelAfterExpiryIsHarmless) {
  const TimerId id = Add(10, 1);
  Add(20, 2);
  Run(10);
  EXPECT_FALSE(queue_->Cancel(id));
  EXPECT_EQ(queue_->size(), 1u);
}

TEST_F(TimerQueueTest, CancelOfTheDefaultIdIsHarmless) {
  EXPECT_FALSE(queue_->Cancel(TimerId()));
  Add(10, 1);  // has the slot that a default id names
  EXPECT_FALSE(queue_->Cancel(TimerId()));
  EXPECT_EQ(queue_->size(), 1u);
}

TEST_F(TimerQueueTest, CancelWithAnIdOfAnotherQueueIsHarmless) {
  TimerQueue other;
  for (int i = 0; i < 5'000; ++i) {
    other.Add(At(1), absl::ZeroDuration(), [] {});
  }
  const TimerId far = other.Add(At(1), absl::ZeroDuration(), [] {});
  EXPECT_FALSE(queue_->Cancel(far));
}

TEST_F(TimerQueueTest, CancelLeavesTheNextUserOfTheSlotAlone) {
  const TimerId cancelled = Add(10, 1);
  queue_->Cancel(cancelled);
  const TimerId second = Add(10, 2);
  EXPECT_NE(cancelled, second);
  EXPECT_FALSE(queue_->Cancel(cancelled));
  Run(10);
  Add(20, 3);
  EXPECT_FALSE(queue_->Cancel(second));  // expired, and its slot is reused
  Run(20);
  EXPECT_THAT(Log(), ElementsAre(2, 3));
}

TEST_F(TimerQueueTest, CallbackMayCancelItsOwnExpiredTimer) {
  TimerId id;
  bool was_armed = true;
  id = AddOnce(10, [&] { was_armed = queue_->Cancel(id); });
  EXPECT_EQ(Run(10), 1);
  EXPECT_FALSE(was_armed);
}

TEST_F(TimerQueueTest, CallbackMayCancelItsOwnPeriodicTimer) {
  TimerId id;
  int beats = 0;
  id = AddPeriodic(10, 10, [&] {
    if (++beats < 2) return;
    EXPECT_TRUE(queue_->Cancel(id));
  });
  for (int now = 10; now <= 100; now += 10) Run(now);
  EXPECT_EQ(beats, 2);
  EXPECT_EQ(queue_->size(), 0u);
}

TEST_F(TimerQueueTest, CallbackMayCancelALaterOneDueInTheSameRun) {
  std::vector<TimerId> victims;
  AddOnce(10, [&] {
    for (TimerId id : victims) EXPECT_TRUE(queue_->Cancel(id));
  });
  victims.push_back(Add(10, 1));  // the same deadline
  victims.push_back(Add(20, 2));
  victims.push_back(AddPeriodic(15, 5, [this] { log_.push_back(3); }));
  Add(30, 4);
  EXPECT_EQ(Run(100), 2);
  EXPECT_THAT(Log(), ElementsAre(4));
}

TEST_F(TimerQueueTest, CallbackMayCancelAPeriodicThatRanBeforeIt) {
  const TimerId periodic = AddPeriodic(10, 10, [this] { log_.push_back(1); });
  AddOnce(10, [&] { EXPECT_TRUE(queue_->Cancel(periodic)); });
  Run(10);
  Run(20);
  EXPECT_THAT(Log(), ElementsAre(1));
}

TEST_F(TimerQueueTest, ArmedInsideACallbackWaitsForTheNextRun) {
  AddOnce(10, [this] { Add(10, 2); });
  Add(10, 1);
  EXPECT_EQ(Run(10), 2);
  EXPECT_THAT(Log(), ElementsAre(1));
  EXPECT_EQ(queue_->NextDeadline(), At(10));
  EXPECT_EQ(Run(10), 1);
  EXPECT_THAT(Log(), ElementsAre(2));
}

TEST_F(TimerQueueTest, ReArmingForeverRunsOnceARun) {
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    AddOnce(10, again);
  };
  again();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Run(10), 1);
  EXPECT_EQ(runs, 6);
}

TEST_F(TimerQueueTest, PeriodicKeepsItsRhythm) {
  int beats = 0;
  AddPeriodic(100, 100, [&beats] { ++beats; });
  for (int now = 1; now <= 10'000; now += 33) Run(now);
  EXPECT_EQ(queue_->NextDeadline().nanoseconds() % 100, 0);
  EXPECT_EQ(beats, 100);  // the last run is at 10,000
}

TEST_F(TimerQueueTest, LateByLessThanABeatDoesNotShiftTheRhythm) {
  AddPeriodic(100, 100, [] {});
  EXPECT_EQ(Run(199), 1);
  EXPECT_EQ(queue_->NextDeadline(), At(200));
}

TEST_F(TimerQueueTest, LateByManyBeatsRunsOnceAndKeepsTheRhythm) {
  AddPeriodic(100, 100, [] {});
  EXPECT_EQ(Run(1'050), 1);
  EXPECT_EQ(queue_->NextDeadline(), At(1'100));
  EXPECT_EQ(Run(1'099), 0);
  // Late by exactly a whole number of beats: the next is yet to come.
  EXPECT_EQ(Run(2'000), 1);
  EXPECT_EQ(queue_->NextDeadline(), At(2'100));
}

TEST_F(TimerQueueTest, PeriodicTakesItsTurnAmongEqualDeadlines) {
  AddPeriodic(10, 10, [this] { log_.push_back(1); });
  AddPeriodic(10, 10, [this] { log_.push_back(2); });
  Run(10);
  Add(20, 3);  // armed after both were armed again
  Run(20);
  EXPECT_THAT(Log(), ElementsAre(1, 2, 1, 2, 3));
}

TEST_F(TimerQueueTest, PeriodicThatCancelsItselfAndArmsAnother) {
  TimerId id;
  id = AddPeriodic(10, 10, [&] {
    queue_->Cancel(id);
    Add(10, 7);  // takes the slot
  });
  EXPECT_EQ(Run(10), 1);
  EXPECT_EQ(queue_->size(), 1u);
  EXPECT_EQ(Run(10), 1);
  EXPECT_THAT(Log(), ElementsAre(7));
}

TEST_F(TimerQueueTest, BudgetLeavesTheRestInOrder) {
  for (int i = 0; i < 5; ++i) Add(i, i);
  EXPECT_EQ(Run(100, 2), 2);
  EXPECT_THAT(Log(), ElementsAre(0, 1));
  EXPECT_EQ(queue_->NextDeadline(), At(2));
  EXPECT_EQ(Run(100, 2), 2);
  EXPECT_EQ(Run(100, 2), 1);
  EXPECT_THAT(Log(), ElementsAre(2, 3, 4));
}

TEST_F(TimerQueueTest, LeftOverTimersComeBeforeNewOnes) {
  AddOnce(10, [this] { Add(100, 9); });
  Add(20, 1);
  Add(30, 2);
  EXPECT_EQ(Run(100, 1), 1);
  Run(100);
  EXPECT_THAT(Log(), ElementsAre(1, 2, 9));
}

TEST_F(TimerQueueTest, DeadlineInTheInfiniteFutureNeverComes) {
  const TimerId never = queue_->Add(MonotonicTime::InfiniteFuture(),
                                    absl::ZeroDuration(), [] { FAIL(); });
  queue_->Add(At(5) + absl::InfiniteDuration(), absl::InfiniteDuration(),
              [] { FAIL(); });
  EXPECT_EQ(Run(INT64_MAX - 1), 0);
  EXPECT_EQ(queue_->NextDeadline(), MonotonicTime::InfiniteFuture());
  EXPECT_TRUE(queue_->Cancel(never));
}

TEST_F(TimerQueueTest, NextBeatBeyondTheEndOfTimeNeverComes) {
  int beats = 0;
  AddPeriodic(100, INT64_MAX - 50, [&beats] { ++beats; });
  EXPECT_EQ(Run(100), 1);
  EXPECT_EQ(queue_->NextDeadline(), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(Run(INT64_MAX - 1), 0);
  EXPECT_EQ(beats, 1);
}

TEST_F(TimerQueueTest, TimersBeyondOneChunkOfSlots) {
  constexpr int kMany = 5'000;
  std::vector<TimerId> ids;
  std::vector<int> expected;
  for (int i = 0; i < kMany; ++i) ids.push_back(Add(kMany - i, i));
  for (int i = 0; i < kMany; i += 2) EXPECT_TRUE(queue_->Cancel(ids[i]));
  for (int i = kMany - 1; i > 0; i -= 2) expected.push_back(i);
  EXPECT_EQ(Run(kMany), kMany / 2);
  EXPECT_EQ(Log(), expected);
}

// When callbacks, and with them what they capture, are destroyed.
class TimerQueueDestructionTest : public TimerQueueTest {
 protected:
  TimerQueue::Callback Logging(int ran, int destroyed) {
    return [this, ran, token = OnDestroy([this, destroyed] {
                         log_.push_back(destroyed);
                       })] { log_.push_back(ran); };
  }
};

TEST_F(TimerQueueDestructionTest, AfterItsRunAndBeforeTheNextTimer) {
  AddOnce(10, Logging(1, -1));
  AddOnce(10, Logging(2, -2));
  Run(10);
  EXPECT_THAT(Log(), ElementsAre(1, -1, 2, -2));
}

TEST_F(TimerQueueDestructionTest, InsideCancel) {
  const TimerId id = AddOnce(10, Logging(1, -1));
  queue_->Cancel(id);
  EXPECT_THAT(Log(), ElementsAre(-1));
}

TEST_F(TimerQueueDestructionTest, PeriodicOnlyWhenCancelled) {
  const TimerId id = AddPeriodic(10, 10, Logging(1, -1));
  Run(10);
  Run(20);
  EXPECT_THAT(Log(), ElementsAre(1, 1));
  queue_->Cancel(id);
  EXPECT_THAT(Log(), ElementsAre(-1));
}

TEST_F(TimerQueueDestructionTest, PeriodicThatCancelsItselfLivesToItsEnd) {
  TimerId id;
  id = AddPeriodic(10, 10,
                   [&, token = OnDestroy([this] { log_.push_back(-1); })] {
                     queue_->Cancel(id);
                     log_.push_back(1);
                   });
  Run(10);
  EXPECT_THAT(Log(), ElementsAre(1, -1));
}

TEST_F(TimerQueueDestructionTest, WithTheQueue) {
  AddOnce(10, Logging(1, -1));
  AddPeriodic(20, 5, Logging(2, -2));
  queue_.reset();
  EXPECT_THAT(Log(), ::testing::UnorderedElementsAre(-1, -2));
}

TEST_F(TimerQueueDestructionTest, MayComeBackAndUseTheQueue) {
  const TimerId other = Add(50, 5);
  const TimerId id = AddOnce(10, [token = OnDestroy([this, other] {
                                    queue_->Cancel(other);
                                    Add(20, 2);
                                  })] {});
  EXPECT_TRUE(queue_->Cancel(id));
  EXPECT_FALSE(queue_->Cancel(id));
  Run(100);
  EXPECT_THAT(Log(), ElementsAre(2));
}

}  // namespace
}  // namespace rondo
