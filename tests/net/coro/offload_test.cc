#include "net/coro/offload.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "base/thread_pool.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using StopMode = ThreadPool::StopMode;
using SubmitResult = ThreadPool::SubmitResult;

std::string Code(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}

// Logs how an offload of `work` has ended.
template <typename F>
Task<> LogOffload(ThreadPool* pool, F work, std::string* log) {
  try {
    const auto outcome = co_await Offload(*pool, std::move(work));
    log->append(Code(StatusOf(outcome)));
  } catch (const std::runtime_error& e) {
    log->append(e.what());
  }
}

class OffloadTest : public ::testing::Test {
 protected:
  ~OffloadTest() override { open_.Add(); }

  // Keeps the pool's only thread busy until open_.
  void Occupy() {
    ASSERT_EQ(pool_->Submit([this] {
      entered_.Add();
      open_.Await(1);
    }),
              SubmitResult::kAccepted);
    entered_.Await(1);
  }
  Wait UntilLogged() {
    return Until([this] { return !log_.empty(); });
  }
  auto MustNotRun() {
    return [watch = OnDestroy([this] { gone_.Add(); })] { ADD_FAILURE(); };
  }

  EventCount entered_;
  EventCount open_;
  EventCount gone_;
  std::string log_;
  const std::unique_ptr<ThreadPool> pool_ =
      NewPool({.threads = 1, .max_queued_tasks = 1});
  std::unique_ptr<EventLoop> loop_ = NewLoop();
};

TEST_F(OffloadTest, RunsOnAnotherThreadAndGoesOnOnThis) {
  static constexpr auto kBody = [](ThreadPool* pool, EventLoop* loop,
                                   std::string* log) -> Task<> {
    // Not in the same expression: gcc 12 destroys what a lambda there captures
    // twice.
    auto work = [loop, seven = std::make_unique<int>(7)] {
      EXPECT_FALSE(loop->IsInLoopThread());
      return std::make_unique<int>(*seven + 1);
    };
    const auto result = co_await Offload(*pool, std::move(work));
    EXPECT_TRUE(loop->IsInCallback());
    log->append(std::to_string(**result));
  };
  Spawn(loop_.get(), kBody(pool_.get(), loop_.get(), &log_));
  RunSteps(*loop_, UntilLogged());
  EXPECT_EQ(log_, "8");
}

TEST_F(OffloadTest, WorkMayGiveNothingAndAStatus) {
  static constexpr auto kBody = [](ThreadPool* pool,
                                   std::string* log) -> Task<> {
    EXPECT_TRUE((co_await Offload(*pool, [] {})).ok());
    const absl::Status status =
        co_await Offload(*pool, [] { return absl::DataLossError("lost"); });
    log->append(Code(status));
  };
  Spawn(loop_.get(), kBody(pool_.get(), &log_));
  RunSteps(*loop_, UntilLogged());
  EXPECT_EQ(log_, "DATA_LOSS");
}

TEST_F(OffloadTest, WhatTheWorkThrowsIsThrown) {
  Spawn(loop_.get(),
        LogOffload(
            pool_.get(), []() -> int { throw std::runtime_error("thrown"); },
            &log_));
  RunSteps(*loop_, UntilLogged());
  EXPECT_EQ(log_, "thrown");
}

TEST_F(OffloadTest, AFullQueueIsResourceExhausted) {
  Occupy();
  ASSERT_EQ(pool_->Submit([] {}), SubmitResult::kAccepted);
  Spawn(loop_.get(), LogOffload(pool_.get(), MustNotRun(), &log_));
  RunSteps(
      *loop_, [] {}, [&] { EXPECT_EQ(log_, "RESOURCE_EXHAUSTED"); }, [] {});
}

TEST_F(OffloadTest, AStoppedPoolIsCancelled) {
  pool_->Stop(StopMode::kDrain);
  Spawn(loop_.get(), LogOffload(pool_.get(), MustNotRun(), &log_));
  RunSteps(
      *loop_, [] {}, [&] { EXPECT_EQ(log_, "CANCELLED"); }, [] {});
}

TEST_F(OffloadTest, APoolThatCancelsWhatIsQueuedIsCancelled) {
  Occupy();
  Spawn(loop_.get(), LogOffload(pool_.get(), MustNotRun(), &log_));
  std::jthread stopper;
  RunSteps(
      *loop_,
      [&] { stopper = std::jthread([&] { pool_->Stop(StopMode::kCancel); }); },
      UntilLogged(), [&] { open_.Add(); });
  EXPECT_EQ(log_, "CANCELLED");
}

TEST_F(OffloadTest, APoolThatDrainsRunsWhatIsQueued) {
  Occupy();
  Spawn(loop_.get(), LogOffload(
                         pool_.get(), [] { return 7; }, &log_));
  RunSteps(
      *loop_, [] {},
      [&] {
        std::jthread stopper([&] { pool_->Stop(StopMode::kDrain); });
        open_.Add();
      },
      UntilLogged());
  EXPECT_EQ(log_, "OK");
}

TEST_F(OffloadTest, AbandonedBeforeItBeginsItDoesNotRun) {
  Occupy();
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(*loop_, [&] {
    scope->Spawn(LogOffload(pool_.get(), MustNotRun(), &log_));
    scope.reset();
    open_.Add();
    pool_->Stop(StopMode::kDrain);
  });
  loop_.reset();
  gone_.Await(1);
  EXPECT_EQ(log_, "");
}

TEST_F(OffloadTest, StoppedBeforeItBeginsItDoesNotRun) {
  Occupy();
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope.Spawn(LogOffload(pool_.get(), MustNotRun(), &log_));
        scope.RequestStop();
      },
      [&] {
        EXPECT_EQ(log_, "CANCELLED");
        open_.Add();
        pool_->Stop(StopMode::kDrain);
      },
      [] {});
  EXPECT_EQ(log_, "CANCELLED");
}

TEST_F(OffloadTest, WhatHasBegunGoesOnWithWhatItOwns) {
  EventCount begun;
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope->Spawn(LogOffload(
            pool_.get(),
            [&begun, this, watch = OnDestroy([this] { gone_.Add(); })] {
              begun.Add();
              open_.Await(1);
              EXPECT_EQ(gone_.count(), 0);
            },
            &log_));
      },
      [&] {
        begun.Await(1);
        scope.reset();
      });
  loop_.reset();
  EXPECT_EQ(gone_.count(), 0);
  open_.Add();
  pool_->Stop(StopMode::kDrain);
  gone_.Await(1);
  EXPECT_EQ(log_, "");
}

TEST_F(OffloadTest, ThePoolMayOutliveTheLoopThatWaits) {
  Occupy();
  Spawn(loop_.get(), LogOffload(pool_.get(), MustNotRun(), &log_));
  RunTurns(*loop_, 2);
  loop_.reset();
  open_.Add();
  pool_->Stop(StopMode::kDrain);
  EXPECT_EQ(log_, "");
}

}  // namespace
}  // namespace rondo
