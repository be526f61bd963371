// That a loop tells how long its turns were and which callbacks held it, on a
// fake clock that moves inside of callbacks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "base/histogram.h"
#include "base/thread.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "tests/net/reactor/warnings.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kLimit = EventLoopOptions::kDefaultStallLimit;
constexpr absl::Duration kLong = absl::Milliseconds(200);
constexpr absl::Duration kSecond = absl::Seconds(1);

class EventLoopStallTest : public ::testing::Test {
 protected:
  std::unique_ptr<EventLoop> NewLoop(absl::Duration limit = kLimit) {
    return rondo::NewLoop(
        {.name = "io-3", .clock = &clock_, .stall_limit = limit});
  }

  // Something to hold that takes `d` to destroy.
  std::shared_ptr<void> SlowToDestroy(absl::Duration d = kLong) {
    return OnDestroy([this, d] { clock_.Advance(d); });
  }

  // One line, about one callback of that kind.
  void ExpectStall(const char* kind) {
    EXPECT_EQ(loop_->stalls(), 1u);
    EXPECT_THAT(warnings_.Take(),
                ElementsAre("io-3: a " + std::string(kind) +
                            " callback held the loop for 200ms (limit "
                            "100ms)"));
  }

  FakeClock clock_;
  Warnings warnings_;
  std::unique_ptr<EventLoop> loop_ = NewLoop();
};

TEST_F(EventLoopStallTest, OfAChannel) {
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  RecordingChannel channel(*loop_, pair.a, IoEvents::kReadable, [&] {
    Drain(pair.a);
    clock_.Advance(kLong);
  });
  RunTurns(*loop_, 2);
  ExpectStall("channel");
}

TEST_F(EventLoopStallTest, OfATimer) {
  loop_->RunAfter(absl::ZeroDuration(), [] {});
  loop_->RunAfter(absl::ZeroDuration(), [this] { clock_.Advance(kLong); });
  loop_->RunAfter(absl::ZeroDuration(), [] {});
  RunTurns(*loop_, 2);
  ExpectStall("timer");
}

TEST_F(EventLoopStallTest, OfATask) {
  RunSteps(
      *loop_, [] {}, [this] { clock_.Advance(kLong); });
  ExpectStall("task");
}

TEST_F(EventLoopStallTest, OfATaskThatIsSlowToDestroy) {
  loop_->QueueInLoop([slow = SlowToDestroy()] {});
  RunTurns(*loop_, 1);
  ExpectStall("task");
}

TEST_F(EventLoopStallTest, OfADestructor) {
  RunSteps(*loop_, [this] {
    for (const absl::Duration d : {kLimit, kLong, kLimit}) {
      loop_->DeferDelete(
          std::make_unique<std::shared_ptr<void>>(SlowToDestroy(d)));
    }
  });
  ExpectStall("destructor");
}

// Takes its time in the first step 7.
struct SlowFlush : LoopLocal {
  explicit SlowFlush(EventLoop*) {}
  void FlushTurn() override {
    if (clock != nullptr) std::exchange(clock, nullptr)->Advance(kLong);
  }
  FakeClock* clock = nullptr;
};

TEST_F(EventLoopStallTest, OfAFlush) {
  loop_->Local<SlowFlush>().clock = &clock_;
  RunTurns(*loop_, 1);
  ExpectStall("flush");
}

TEST_F(EventLoopStallTest, SeveralAtTheLimitAreNone) {
  RunSteps(*loop_, [this] {
    clock_.Advance(kLimit);
    for (int i = 0; i < 3; ++i) {
      loop_->QueueInLoop([this] { clock_.Advance(kLimit); });
      loop_->RunAfter(absl::ZeroDuration(), [this] { clock_.Advance(kLimit); });
    }
  });
  EXPECT_EQ(loop_->stalls(), 0u);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

TEST_F(EventLoopStallTest, AreLoggedOnceASecondAndAllCounted) {
  loop_ = NewLoop(absl::Milliseconds(1));
  std::vector<Step> steps(21);
  for (Step& step : steps) step = [this] { clock_.Advance(kLimit); };
  RunSteps(*loop_, std::move(steps));
  EXPECT_EQ(loop_->stalls(), 21u);
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("(limit 1ms)"),
                                            HasSubstr("; 9 more not logged"),
                                            HasSubstr("; 9 more not logged")));
}

TEST_F(EventLoopStallTest, AreNotWatchedForIfTheLimitIsOff) {
  for (const absl::Duration off :
       {absl::ZeroDuration(), absl::InfiniteDuration()}) {
    loop_ = NewLoop(off);
    RunSteps(*loop_, [this] { clock_.Advance(kSecond); });
    EXPECT_EQ(loop_->stalls(), 0u);
  }
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

// Nobody waits for a loop that is not running.
TEST_F(EventLoopStallTest, OutsideOfTurnsAreNone) {
  const auto defer = [this] {
    loop_->DeferDelete(
        std::make_unique<std::shared_ptr<void>>(SlowToDestroy()));
    loop_->FlushSoon();
  };
  loop_->Local<SlowFlush>().clock = &clock_;
  loop_->RunAndWait(defer);
  clock_.Advance(kSecond);
  RunTurns(*loop_, 1);
  loop_->RunAndWait(defer);
  EXPECT_EQ(loop_->stalls(), 0u);
  loop_.reset();
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

TEST_F(EventLoopStallTest, AFastLoopHasNoneByTheRealClock) {
  loop_ = rondo::NewLoop({.stall_limit = absl::Hours(1)});
  RunTurns(*loop_, 100);
  EXPECT_EQ(loop_->stalls(), 0u);
}

class EventLoopLagTest : public EventLoopStallTest {};

TEST_F(EventLoopLagTest, IsZeroBeforeRun) {
  EXPECT_EQ(loop_->lag(), Histogram::Snapshot());
}

TEST_F(EventLoopLagTest, IsHowLongEachTurnWas) {
  Histogram expected;
  std::vector<Step> steps;
  for (const int64_t ns : {0, 5, 70'000, 1'000'000'007}) {
    expected.Record(ns);
    steps.push_back([this, ns] { clock_.Advance(absl::Nanoseconds(ns)); });
  }
  for (int i = 0; i < 2; ++i) expected.Record(0);  // to be stopped, and to stop
  RunSteps(*loop_, std::move(steps));
  EXPECT_EQ(loop_->lag(), expected.TakeSnapshot());
}

TEST_F(EventLoopLagTest, GoesToTheEndOfTheTurn) {
  RunSteps(*loop_, [this] {
    clock_.Advance(absl::Microseconds(1));
    loop_->Local<SlowFlush>().clock = &clock_;
    loop_->DeferDelete(std::make_unique<std::shared_ptr<void>>(
        SlowToDestroy(absl::Microseconds(3))));
  });
  EXPECT_EQ(loop_->lag().max(),
            absl::ToInt64Nanoseconds(kLong + absl::Microseconds(4)));
}

// A clock of which a loop's turns take no time and its waits a second: it is
// read when the loop begins, and at the beginning and the end of each turn.
class WaitingClock final : public Clock {
 public:
  MonotonicTime Now() const override {
    if (++readings_ % 2 == 0) now_ = now_ + kSecond;
    return now_;
  }
  MonotonicTime CoarseNow() const override { return now_; }
  int readings() const { return readings_; }

 private:
  mutable int readings_ = 0;
  mutable MonotonicTime now_;
};

TEST_F(EventLoopLagTest, DoesNotCountWaiting) {
  WaitingClock clock;
  loop_ = rondo::NewLoop({.clock = &clock});
  RunTurns(*loop_, 3);
  EXPECT_GT(clock.Now(), MonotonicTime() + 3 * kSecond);
  EXPECT_GE(loop_->lag().count(), 3u);
  EXPECT_EQ(loop_->lag().max(), 0);
}

// The end of a turn is also where the next wait is worked out from.
TEST_F(EventLoopLagTest, ATurnThatWaitsForATimerReadsTheClockTwice) {
  WaitingClock clock;
  loop_ = rondo::NewLoop({.clock = &clock});
  int before = 0;
  int after = 0;
  loop_->RunAfter(absl::ZeroDuration(), [&] {
    before = clock.readings();
    loop_->RunAfter(absl::ZeroDuration(), [&] {
      after = clock.readings();
      loop_->Stop();
    });
  });
  loop_->Run();
  EXPECT_EQ(after, before + 2);
}

TEST_F(EventLoopLagTest, IsReadByOthersWhileTheLoopRuns) {
  Thread runner = NewThread("runner", [this] { RunTurns(*loop_, 2'000); });
  uint64_t turns = 0;
  while (turns < 2'000) {
    const Histogram::Snapshot lag = loop_->lag();
    ASSERT_GE(lag.count(), turns);
    EXPECT_EQ(loop_->stalls(), 0u);
    turns = lag.count();
  }
  runner.Join();
}

}  // namespace
}  // namespace rondo
