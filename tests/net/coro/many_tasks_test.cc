// A hundred thousand tasks at a time.
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/net/tcp/scale.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

const int kTasks = Scaled(100'000);

class ManyTasksTest : public ::testing::Test {
 protected:
  // Sleeps, and counts how that has ended.
  static Task<> Sleep(int* slept, int* stopped, std::shared_ptr<void>) {
    ++*(co_await SleepFor(absl::Seconds(1)) ? slept : stopped);
  }
  Step SpawnAll() {
    return [this] {
      for (int i = 0; i < kTasks; ++i) {
        scope_->Spawn(Sleep(&slept_, &stopped_, frame_));
      }
      EXPECT_EQ(frame_.use_count(), kTasks + 1);
    };
  }
  Wait UntilAllHaveEnded() {
    return Until([this] { return frame_.use_count() == 1; });
  }

  FakeClock clock_;
  // Advancing the clock is not a stall.
  const std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  std::optional<TaskScope> scope_{loop_.get()};
  std::shared_ptr<int> frame_ = std::make_shared<int>();
  int slept_ = 0;
  int stopped_ = 0;
};

TEST_F(ManyTasksTest, AllSleepAndAllAreResumed) {
  RunSteps(
      *loop_, SpawnAll(), [&] { EXPECT_EQ(slept_, 0); },
      [&] { clock_.Advance(absl::Seconds(1)); }, UntilAllHaveEnded());
  EXPECT_EQ(slept_, kTasks);
  EXPECT_EQ(scope_->size(), 0u);
}

TEST_F(ManyTasksTest, AllSleepAndAllAreStopped) {
  RunSteps(
      *loop_, SpawnAll(), [&] { scope_->RequestStop(); }, UntilAllHaveEnded());
  EXPECT_EQ(stopped_, kTasks);
}

TEST_F(ManyTasksTest, AllSleepAndAllAreDestroyed) {
  RunSteps(
      *loop_, SpawnAll(), [&] { scope_.reset(); },
      [&] {
        EXPECT_EQ(frame_.use_count(), 1);
        clock_.Advance(absl::Seconds(1));
      },
      [] {}, [] {});
  EXPECT_EQ(slept_ + stopped_, 0);
}

TEST_F(ManyTasksTest, AllGoWithTheirLoop) {
  RunSteps(*loop_, [&] {
    for (int i = 0; i < kTasks; ++i) {
      Spawn(loop_.get(), Sleep(&slept_, &stopped_, frame_));
    }
  });
  EXPECT_EQ(frame_.use_count(), 1);
  EXPECT_EQ(slept_ + stopped_, 0);
}

}  // namespace
}  // namespace rondo
