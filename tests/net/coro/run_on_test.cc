#include "net/coro/run_on.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

class RunOnTest : public ::testing::Test {
 protected:
  // Runs the loop until the task has logged something.
  std::string Run(Task<> task) {
    Spawn(loop_.get(), std::move(task));
    RunSteps(*loop_, Until([this] { return !log_.empty(); }));
    return log_;
  }

  std::string log_;
  std::unique_ptr<EventLoop> loop_ = NewLoop();
  std::unique_ptr<EventLoopThread> thread_ = StartLoopThread();
  EventLoop* const remote_ = thread_->loop();
};

Task<std::unique_ptr<int>> GiveSeven(EventLoop* on) {
  EXPECT_TRUE(on->IsInCallback());
  co_return std::make_unique<int>(7);
}
Task<> SleepForEver(EventCount* begun, std::shared_ptr<void>) {
  begun->Add();
  (void)co_await SleepFor(absl::InfiniteDuration());
}
std::string Code(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}

TEST_F(RunOnTest, GivesTheResultWhichMayOnlyMove) {
  static constexpr auto kBody = [](EventLoop* home, EventLoop* remote,
                                   std::string* log) -> Task<> {
    const auto seven = co_await RunOn(remote, GiveSeven(remote));
    EXPECT_TRUE(home->IsInCallback());
    log->append(std::to_string(**seven));
  };
  EXPECT_EQ(Run(kBody(loop_.get(), remote_, &log_)), "7");
}

TEST_F(RunOnTest, OnItsOwnLoopTooAndNested) {
  static constexpr auto kInner = [](EventLoop* home,
                                    EventLoop* remote) -> Task<int> {
    const auto seven = co_await RunOn(home, GiveSeven(home));
    EXPECT_TRUE(remote->IsInCallback());
    co_return **seven;
  };
  static constexpr auto kBody = [](Task<int> inner, EventLoop* home,
                                   EventLoop* remote,
                                   std::string* log) -> Task<> {
    const auto seven = co_await RunOn(home, GiveSeven(home));
    const auto other = co_await RunOn(remote, std::move(inner));
    log->append(std::to_string(**seven + *other));
  };
  EXPECT_EQ(
      Run(kBody(kInner(loop_.get(), remote_), loop_.get(), remote_, &log_)),
      "14");
}

TEST_F(RunOnTest, ThrowsWhatTheTaskThrows) {
  static constexpr auto kThrow = []() -> Task<> {
    throw std::runtime_error("thrown");
    co_return;
  };
  static constexpr auto kBody = [](Task<> inner, EventLoop* remote,
                                   std::string* log) -> Task<> {
    try {
      (void)co_await RunOn(remote, std::move(inner));
    } catch (const std::runtime_error& e) {
      log->append(e.what());
    }
  };
  EXPECT_EQ(Run(kBody(kThrow(), remote_, &log_)), "thrown");
}

Task<> LogRun(EventLoop* remote, Task<> task, std::string* log) {
  log->append(Code(co_await RunOn(remote, std::move(task))));
}

TEST_F(RunOnTest, ALoopThatEndsMeanwhileIsCancelled) {
  EventCount begun;
  const auto frame = std::make_shared<int>();
  Spawn(loop_.get(), LogRun(remote_, SleepForEver(&begun, frame), &log_));
  RunSteps(
      *loop_, [] {},
      [&] {
        begun.Await(1);
        remote_->Stop();
      },
      Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "CANCELLED");
  thread_.reset();
  EXPECT_EQ(frame.use_count(), 1);
}

TEST_F(RunOnTest, ALoopThatEndsBeforeItBeginsIsCancelled) {
  std::unique_ptr<EventLoop> never_run = NewLoop();
  EventCount begun;
  const auto frame = std::make_shared<int>();
  Spawn(loop_.get(),
        LogRun(never_run.get(), SleepForEver(&begun, frame), &log_));
  RunSteps(
      *loop_, [] {}, [&] { never_run.reset(); },
      Until([this] { return !log_.empty(); }));
  EXPECT_EQ(log_, "CANCELLED");
  EXPECT_EQ(begun.count(), 0);
  EXPECT_EQ(frame.use_count(), 1);
}

TEST_F(RunOnTest, WhoIsDestroyedMeanwhileStopsIt) {
  EventCount begun;
  EventCount gone;
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope->Spawn(LogRun(
            remote_, SleepForEver(&begun, OnDestroy([&gone] { gone.Add(); })),
            &log_));
      },
      [&] {
        begun.Await(1);
        scope.reset();
        gone.Await(1);
      },
      [] {}, [] {});
  EXPECT_EQ(log_, "");
}

TEST_F(RunOnTest, TheHomeLoopMayEndMeanwhile) {
  EventCount begun;
  EventCount gone;
  Spawn(
      loop_.get(),
      LogRun(remote_, SleepForEver(&begun, OnDestroy([&gone] { gone.Add(); })),
             &log_));
  RunSteps(
      *loop_, [] {}, [&] { begun.Await(1); });
  gone.Await(1);
  loop_.reset();
  EXPECT_EQ(log_, "");
}

// Nothing of the task is left on the other loop when its result is here: its
// parameters may refer to what goes now.
TEST_F(RunOnTest, TheParametersAreGoneBeforeTheResultComes) {
  static constexpr auto kInner = [](std::shared_ptr<void>) -> Task<> {
    co_return;
  };
  static constexpr auto kBody = [](EventLoop* remote, decltype(kInner) inner,
                                   std::string* log) -> Task<> {
    for (int i = 0; i < 100; ++i) {
      int plain = 0;  // written there, read here
      EXPECT_TRUE((co_await RunOn(remote, inner(OnDestroy([&plain] {
                                    for (int n = 0; n < 1'000; ++n) ++*&plain;
                                  }))))
                      .ok());
      EXPECT_EQ(plain, 1'000);
    }
    log->append("done");
  };
  EXPECT_EQ(Run(kBody(remote_, kInner, &log_)), "done");
}

TEST_F(RunOnTest, ManyMayGoThereAndBack) {
  static constexpr auto kInner = [](int i) -> Task<int> { co_return i; };
  static constexpr auto kBody = [](EventLoop* remote, decltype(kInner) inner,
                                   std::string* log) -> Task<> {
    int sum = 0;
    for (int i = 0; i < 2'000; ++i) {
      const auto one = co_await RunOn(remote, inner(1));
      sum += *one;
    }
    log->append(std::to_string(sum));
  };
  EXPECT_EQ(Run(kBody(remote_, kInner, &log_)), "2000");
}

}  // namespace
}  // namespace rondo
