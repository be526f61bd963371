#include "net/coro/with_timeout.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/coro/async_channel.h"
#include "net/coro/async_event.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(1);

// Each test runs `Body()` twice: once the event comes in time, once it does
// not.
class WithTimeoutTest : public ::testing::Test {
 protected:
  // What `task` logs: the event is set after so long.
  std::string Run(Task<> task, absl::Duration after) {
    Spawn(loop_.get(), std::move(task));
    RunSteps(
        *loop_, [] {}, [&] { clock_.Advance(after); }, [] {}, [] {},
        [this] { event_.Set(); }, [] {}, [] {});
    return log_;
  }
  std::string RunInTime(Task<> task) {
    return Run(std::move(task), kTimeout - absl::Nanoseconds(1));
  }
  std::string RunTooLate(Task<> task) { return Run(std::move(task), kTimeout); }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = NewLoop({.clock = &clock_});
  AsyncEvent event_;
  std::string log_;
};

std::string Code(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}

Task<int> GiveValue(AsyncEvent* event) {
  co_return co_await event->Wait() ? 1 : 2;
}
Task<> GiveNothing(AsyncEvent* event) { (void)co_await event->Wait(); }
Task<absl::Status> GiveStatus(AsyncEvent* event, absl::Status otherwise) {
  co_return co_await event->Wait() ? absl::OkStatus() : otherwise;
}
Task<absl::StatusOr<std::unique_ptr<int>>> GiveStatusOr(AsyncEvent* event) {
  const bool came = co_await event->Wait();
  if (!came) co_return absl::CancelledError("stopped");
  co_return std::make_unique<int>(7);
}

template <typename T>
Task<> LogOutcome(Task<T> task, std::string* log) {
  const auto outcome = co_await WithTimeout(kTimeout, std::move(task));
  log->append(Code(StatusOf(outcome)));
}

TEST_F(WithTimeoutTest, AValueInTime) {
  EXPECT_EQ(RunInTime(LogOutcome(GiveValue(&event_), &log_)), "OK");
}
TEST_F(WithTimeoutTest, AValueTooLate) {
  EXPECT_EQ(RunTooLate(LogOutcome(GiveValue(&event_), &log_)),
            "DEADLINE_EXCEEDED");
}
TEST_F(WithTimeoutTest, NothingInTime) {
  EXPECT_EQ(RunInTime(LogOutcome(GiveNothing(&event_), &log_)), "OK");
}
TEST_F(WithTimeoutTest, NothingTooLate) {
  EXPECT_EQ(RunTooLate(LogOutcome(GiveNothing(&event_), &log_)),
            "DEADLINE_EXCEEDED");
}
TEST_F(WithTimeoutTest, AStatusInTime) {
  EXPECT_EQ(
      RunInTime(LogOutcome(GiveStatus(&event_, absl::CancelledError()), &log_)),
      "OK");
}
TEST_F(WithTimeoutTest, ACancelledStatusIsTooLate) {
  EXPECT_EQ(RunTooLate(
                LogOutcome(GiveStatus(&event_, absl::CancelledError()), &log_)),
            "DEADLINE_EXCEEDED");
}
TEST_F(WithTimeoutTest, AnotherStatusIsGivenAsItIs) {
  EXPECT_EQ(RunTooLate(LogOutcome(GiveStatus(&event_, absl::DataLossError("")),
                                  &log_)),
            "DATA_LOSS");
}
TEST_F(WithTimeoutTest, AStatusOrInTimeAndMoveOnly) {
  static constexpr auto kBody = [](AsyncEvent* event,
                                   std::string* log) -> Task<> {
    const auto seven = co_await WithTimeout(kTimeout, GiveStatusOr(event));
    log->append(std::to_string(**seven));
  };
  EXPECT_EQ(RunInTime(kBody(&event_, &log_)), "7");
}
TEST_F(WithTimeoutTest, AStatusOrTooLate) {
  EXPECT_EQ(RunTooLate(LogOutcome(GiveStatusOr(&event_), &log_)),
            "DEADLINE_EXCEEDED");
}
TEST_F(WithTimeoutTest, AMoveOnlyValue) {
  static constexpr auto kGive = []() -> Task<std::unique_ptr<int>> {
    co_return std::make_unique<int>(7);
  };
  static constexpr auto kBody = [](Task<std::unique_ptr<int>> task,
                                   std::string* log) -> Task<> {
    const auto seven = co_await WithTimeout(kTimeout, std::move(task));
    log->append(std::to_string(**seven));
  };
  EXPECT_EQ(RunInTime(kBody(kGive(), &log_)), "7");
}
TEST_F(WithTimeoutTest, AnAwaitableInsteadOfATask) {
  static constexpr auto kBody = [](AsyncEvent* event,
                                   std::string* log) -> Task<> {
    log->append(Code((co_await WithTimeout(kTimeout, event->Wait())).status()));
    const auto slept = co_await WithTimeout(kTimeout, SleepFor(2 * kTimeout));
    log->append(" " + Code(slept.status()));
  };
  RunSteps(
      *loop_, [&] { Spawn(loop_.get(), kBody(&event_, &log_)); },
      [&] { event_.Set(); }, [] {}, [&] { clock_.Advance(kTimeout); }, [] {},
      [] {});
  EXPECT_EQ(log_, "OK DEADLINE_EXCEEDED");
}
TEST_F(WithTimeoutTest, AnExceptionPassesThrough) {
  static constexpr auto kThrow = [](AsyncEvent* event) -> Task<int> {
    (void)co_await event->Wait();
    throw std::runtime_error("thrown");
  };
  static constexpr auto kBody = [](Task<int> task, std::string* log) -> Task<> {
    try {
      (void)co_await WithTimeout(kTimeout, std::move(task));
    } catch (const std::runtime_error& e) {
      log->append(e.what());
    }
  };
  EXPECT_EQ(RunTooLate(kBody(kThrow(&event_), &log_)), "thrown");
}
TEST_F(WithTimeoutTest, NoTimeIsTooLittleButForWhatIsThere) {
  static constexpr auto kBody = [](AsyncEvent* event,
                                   std::string* log) -> Task<> {
    AsyncEvent never;
    log->append(Code(
        (co_await WithTimeout(absl::ZeroDuration(), event->Wait())).status()));
    log->append(" " +
                Code((co_await WithTimeout(absl::ZeroDuration(), never.Wait()))
                         .status()));
  };
  event_.Set();
  EXPECT_EQ(RunInTime(kBody(&event_, &log_)), "OK DEADLINE_EXCEEDED");
}
// One that does not heed its stop is waited for.
TEST_F(WithTimeoutTest, WhoDoesNotStopIsWaitedFor) {
  static constexpr auto kStubborn = [](AsyncEvent* event) -> Task<> {
    (void)co_await event->Wait();
    EXPECT_FALSE(co_await event->Wait());
  };
  EXPECT_EQ(RunTooLate(LogOutcome(kStubborn(&event_), &log_)),
            "DEADLINE_EXCEEDED");
}

// A value that is handed over in the turn in which the time is over.
TEST_F(WithTimeoutTest, WhatComesInTheSameTurnIsNotLost) {
  static constexpr auto kBody = [](AsyncChannel<int>* channel,
                                   std::string* log) -> Task<> {
    const auto value = co_await WithTimeout(kTimeout, channel->Receive());
    *log =
        value.ok() ? std::to_string(value->value_or(-1)) : Code(value.status());
  };
  AsyncChannel<int> channel(1);
  Spawn(loop_.get(), kBody(&channel, &log_));
  RunSteps(
      *loop_, [] {},
      [&] {
        // Its receiver is resumed in a later task than the timer stops it in.
        loop_->RunAfter(kTimeout, [&] { EXPECT_TRUE(channel.TrySend(7)); });
        clock_.Advance(kTimeout);
      },
      [] {}, [] {}, [] {});
  EXPECT_TRUE(log_ == "7" ||
              (log_ == "DEADLINE_EXCEEDED" && channel.size() == 1))
      << log_ << " and " << channel.size() << " in the channel";
}

TEST_F(WithTimeoutTest, AScopeIsJoinedInTimeOrStopped) {
  static constexpr auto kBody = [](EventLoop* loop, AsyncEvent* event,
                                   std::string* log) -> Task<> {
    TaskScope scope(loop);
    scope.Spawn(GiveNothing(event));
    *log = Code(co_await WithTimeout(kTimeout, scope.Join()));
  };
  EXPECT_EQ(RunTooLate(kBody(loop_.get(), &event_, &log_)),
            "DEADLINE_EXCEEDED");
}

}  // namespace
}  // namespace rondo
