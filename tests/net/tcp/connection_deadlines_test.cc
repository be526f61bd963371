#include "net/tcp/connection_deadlines.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

constexpr absl::Duration kNever = absl::InfiniteDuration();
constexpr absl::Duration kTick = absl::Nanoseconds(1);

// All switched off, but for those that a test sets.
ConnectionLimits NoDeadlines() {
  return {.first_byte_timeout = kNever,
          .idle_timeout = kNever,
          .write_stall_timeout = kNever,
          .max_lifetime = kNever,
          .drain_quiet_time = kNever};
}

// One that is not on a connection; what it is armed for counts its looks.
class ConnectionDeadlinesTest : public ::testing::Test {
 protected:
  static constexpr ConnectionDeadlines::State kBusy = {.closing = false,
                                                       .quiet = false};
  static constexpr ConnectionDeadlines::State kQuiet = {.closing = false,
                                                        .quiet = true};
  static constexpr ConnectionDeadlines::State kClosing = {.closing = true,
                                                          .quiet = false};

  void Begin() { deadlines_.emplace(limits_, start_); }

  MonotonicTime After(absl::Duration d) const { return start_ + d; }

  void Arm(ConnectionDeadlines::State state = kBusy) {
    deadlines_->Arm(loop_.get(), state, [this] { ++looks_; });
  }

  // That `reason` is due after `when` and nothing is before it.
  void ExpectDue(absl::Duration when, CloseReason reason, bool at_once = false,
                 ConnectionDeadlines::State state = kBusy) {
    EXPECT_FALSE(deadlines_->Overdue(After(when - kTick), state).has_value());
    const auto due = deadlines_->Overdue(After(when), state);
    ASSERT_TRUE(due.has_value());
    EXPECT_EQ(due->reason, reason);
    EXPECT_EQ(due->at_once, at_once);
  }

  void ExpectNeverDue(ConnectionDeadlines::State state = kBusy) {
    EXPECT_FALSE(
        deadlines_->Overdue(After(absl::Hours(1'000'000)), state).has_value());
  }

  FakeClock clock_;
  const MonotonicTime start_ = clock_.Now();
  const std::unique_ptr<EventLoop> loop_ = NewLoop({.clock = &clock_});
  ConnectionLimits limits_ = NoDeadlines();
  std::optional<ConnectionDeadlines> deadlines_;
  int looks_ = 0;
};

// --- Each alone. -------------------------------------------------------------

TEST_F(ConnectionDeadlinesTest, InfiniteOnesNeverPass) {
  Begin();
  deadlines_->OutputWaits(start_);
  deadlines_->SetDraining();
  ExpectNeverDue();
  ExpectNeverDue(kQuiet);
  ExpectNeverDue(kClosing);
}

TEST_F(ConnectionDeadlinesTest, TheFirstByteEndsItsDeadline) {
  limits_.first_byte_timeout = absl::Seconds(3);
  Begin();
  deadlines_->Sent(After(absl::Seconds(2)));
  ExpectDue(absl::Seconds(3), CloseReason::kFirstByteTimeout);
  deadlines_->Received(After(absl::Seconds(2)));
  ExpectNeverDue();
}

TEST_F(ConnectionDeadlinesTest, IdleCountsFromTheLastByteOfEitherDirection) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  ExpectDue(absl::Seconds(10), CloseReason::kIdleTimeout);
  deadlines_->Received(After(absl::Seconds(4)));
  ExpectDue(absl::Seconds(14), CloseReason::kIdleTimeout);
  deadlines_->Sent(After(absl::Seconds(9)));
  ExpectDue(absl::Seconds(19), CloseReason::kIdleTimeout);
}

TEST_F(ConnectionDeadlinesTest, AWriteStallsOnlyWhileOutputWaits) {
  limits_.write_stall_timeout = absl::Seconds(5);
  Begin();
  ExpectNeverDue();
  deadlines_->OutputWaits(After(absl::Seconds(1)));
  EXPECT_TRUE(deadlines_->output_waits());
  ExpectDue(absl::Seconds(6), CloseReason::kWriteStalled, /*at_once=*/true);
  deadlines_->OutputWaits(After(absl::Seconds(3)));
  ExpectDue(absl::Seconds(8), CloseReason::kWriteStalled, /*at_once=*/true);
  deadlines_->OutputGone();
  EXPECT_FALSE(deadlines_->output_waits());
  ExpectNeverDue();
}

TEST_F(ConnectionDeadlinesTest, InputDoesNotUnstallAWrite) {
  limits_.write_stall_timeout = absl::Seconds(5);
  Begin();
  deadlines_->OutputWaits(start_);
  deadlines_->Received(After(absl::Seconds(4)));
  ExpectDue(absl::Seconds(5), CloseReason::kWriteStalled, /*at_once=*/true);
}

TEST_F(ConnectionDeadlinesTest, NothingProlongsALifetime) {
  limits_.max_lifetime = absl::Hours(1);
  Begin();
  deadlines_->Received(After(absl::Minutes(59)));
  deadlines_->Sent(After(absl::Minutes(59)));
  ExpectDue(absl::Hours(1), CloseReason::kLifetimeEnded);
}

TEST_F(ConnectionDeadlinesTest, WhatIsQueuedAtTheEndOfALifetimeHasAStallsTime) {
  limits_.max_lifetime = absl::Hours(1);
  limits_.write_stall_timeout = absl::Minutes(1);
  Begin();
  ExpectDue(absl::Minutes(61), CloseReason::kLifetimeEnded, /*at_once=*/true,
            kClosing);
}

TEST_F(ConnectionDeadlinesTest, AnExpectationPassesWhateverMoves) {
  Begin();
  deadlines_->ExpectBy(After(absl::Seconds(2)));
  deadlines_->Received(After(absl::Seconds(1)));
  ExpectDue(absl::Seconds(2), CloseReason::kExpectationTimeout);
  deadlines_->ExpectBy(After(absl::Seconds(7)));
  ExpectDue(absl::Seconds(7), CloseReason::kExpectationTimeout);
  deadlines_->ExpectBy(ConnectionDeadlines::kNever);
  ExpectNeverDue();
}

TEST_F(ConnectionDeadlinesTest, QuietOnesEndOnlyWhileDraining) {
  limits_.drain_quiet_time = absl::Milliseconds(200);
  Begin();
  ExpectNeverDue(kQuiet);
  deadlines_->SetDraining();
  EXPECT_TRUE(deadlines_->draining());
  ExpectNeverDue(kBusy);
  ExpectDue(absl::Milliseconds(200), CloseReason::kDrained, /*at_once=*/false,
            kQuiet);
  deadlines_->Received(After(absl::Seconds(1)));
  ExpectDue(absl::Milliseconds(1'200), CloseReason::kDrained,
            /*at_once=*/false, kQuiet);
}

// --- Together. ---------------------------------------------------------------

TEST_F(ConnectionDeadlinesTest, OfSeveralTheEarliestIsTheReason) {
  limits_ = {.first_byte_timeout = absl::Seconds(4),
             .idle_timeout = absl::Seconds(3),
             .write_stall_timeout = absl::Seconds(2),
             .max_lifetime = absl::Seconds(5)};
  Begin();
  deadlines_->ExpectBy(After(absl::Seconds(1)));
  deadlines_->OutputWaits(start_);
  const auto reason = [&] {
    return deadlines_->Overdue(After(absl::Seconds(9)), kBusy)->reason;
  };
  EXPECT_EQ(reason(), CloseReason::kExpectationTimeout);
  deadlines_->ExpectBy(ConnectionDeadlines::kNever);
  EXPECT_EQ(reason(), CloseReason::kWriteStalled);
  deadlines_->OutputGone();
  EXPECT_EQ(reason(), CloseReason::kIdleTimeout);
  deadlines_->Sent(After(absl::Seconds(3)));
  EXPECT_EQ(reason(), CloseReason::kFirstByteTimeout);
  deadlines_->Received(After(absl::Seconds(3)));
  EXPECT_EQ(reason(), CloseReason::kLifetimeEnded);
}

TEST_F(ConnectionDeadlinesTest, WhoIsClosingHasOnlyItsOutputToBeLateWith) {
  limits_ = {.first_byte_timeout = absl::Seconds(1),
             .idle_timeout = absl::Seconds(1),
             .write_stall_timeout = absl::Seconds(7),
             .max_lifetime = absl::Hours(1)};
  Begin();
  deadlines_->ExpectBy(After(absl::Seconds(1)));
  deadlines_->OutputWaits(start_);
  ExpectDue(absl::Seconds(7), CloseReason::kWriteStalled, /*at_once=*/true,
            kClosing);
}

// --- The timer. --------------------------------------------------------------

TEST_F(ConnectionDeadlinesTest, WithoutDeadlinesThereIsNoTimer) {
  Begin();
  Arm();
  EXPECT_EQ(deadlines_->armed_for(), ConnectionDeadlines::kNever);
}

TEST_F(ConnectionDeadlinesTest, ArmsForTheEarliest) {
  limits_.idle_timeout = absl::Seconds(10);
  limits_.first_byte_timeout = absl::Seconds(3);
  Begin();
  Arm();
  EXPECT_EQ(deadlines_->armed_for(), After(absl::Seconds(3)));
}

TEST_F(ConnectionDeadlinesTest, WhatMovesADeadlineAwayLeavesTheTimerAlone) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  Arm();
  for (int second = 1; second < 10; ++second) {
    deadlines_->Received(After(absl::Seconds(second)));
    deadlines_->Sent(After(absl::Seconds(second)));
    Arm();
    EXPECT_EQ(deadlines_->armed_for(), After(absl::Seconds(10)));
  }
}

TEST_F(ConnectionDeadlinesTest, ANearerDeadlineReplacesTheTimer) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  Arm();
  deadlines_->ExpectBy(After(absl::Seconds(2)));
  Arm();
  EXPECT_EQ(deadlines_->armed_for(), After(absl::Seconds(2)));
  RunSteps(
      *loop_, [&] { clock_.Advance(absl::Seconds(2)); },
      [&] {
        EXPECT_EQ(looks_, 1);
        deadlines_->Fired();
        deadlines_->ExpectBy(ConnectionDeadlines::kNever);
        Arm();
        clock_.Advance(absl::Seconds(7));
      },
      [&] {
        EXPECT_EQ(looks_, 1);
        clock_.Advance(absl::Seconds(1));
      },
      [&] { EXPECT_EQ(looks_, 2) << "the first timer is gone, not kept"; });
}

TEST_F(ConnectionDeadlinesTest, IsArmedAgainForWhatIsTheEarliestThen) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  Arm();
  RunSteps(
      *loop_,
      [&] {
        deadlines_->Received(After(absl::Seconds(6)));
        clock_.Advance(absl::Seconds(10));
      },
      [&] {
        EXPECT_EQ(looks_, 1);
        deadlines_->Fired();
        EXPECT_FALSE(deadlines_->Overdue(loop_->now(), kBusy).has_value());
        Arm();
        EXPECT_EQ(deadlines_->armed_for(), After(absl::Seconds(16)));
      });
}

TEST_F(ConnectionDeadlinesTest, DisarmedItDoesNotLook) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  Arm();
  deadlines_->Disarm(loop_.get());
  EXPECT_EQ(deadlines_->armed_for(), ConnectionDeadlines::kNever);
  RunSteps(
      *loop_, [&] { clock_.Advance(absl::Hours(1)); },
      [&] { EXPECT_EQ(looks_, 0); });
}

TEST_F(ConnectionDeadlinesTest, DisarmingTwiceCancelsNobodyElse) {
  limits_.idle_timeout = absl::Seconds(10);
  Begin();
  Arm();
  deadlines_->Disarm(loop_.get());
  int others = 0;
  loop_->RunAfter(absl::Seconds(1), [&] { ++others; });
  deadlines_->Disarm(loop_.get());
  RunSteps(
      *loop_, [&] { clock_.Advance(absl::Hours(1)); },
      [&] { EXPECT_EQ(others, 1); });
}

}  // namespace
}  // namespace rondo
