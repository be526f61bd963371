// Stops of tasks that are between two loops, or have left one.
#include "net/coro/stop_relay.h"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>
#include <utility>

#include "absl/time/time.h"
#include "net/coro/resume_on.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

// Two loops that run one after the other, both on this thread.
class StopRelayTest : public ::testing::Test {
 protected:
  static Task<> MoveAndSleep(EventLoop* to, bool* slept, bool* stopped) {
    co_await ResumeOn(to);
    EXPECT_TRUE(to->IsInCallback());
    *slept = true;
    *stopped = !co_await SleepFor(absl::InfiniteDuration());
  }
  void SpawnOnFirst() {
    Spawn(first_.get(), MoveAndSleep(second_.get(), &slept_, &stopped_),
          {.stop = stop_.get_token()});
  }

  std::stop_source stop_;
  std::unique_ptr<EventLoop> first_ = NewLoop();
  std::unique_ptr<EventLoop> second_ = NewLoop();
  bool slept_ = false;
  bool stopped_ = false;
};

TEST_F(StopRelayTest, OneOnItsWayIsStoppedWhereItArrives) {
  SpawnOnFirst();
  RunTurns(*first_, 2);
  stop_.request_stop();
  RunSteps(*second_, Until([this] { return stopped_; }));
}

TEST_F(StopRelayTest, OneWhoseFirstLoopHasGoneIsStoppedAllTheSame) {
  SpawnOnFirst();
  RunTurns(*first_, 2);
  first_.reset();
  RunSteps(
      *second_, Until([this] { return slept_; }),
      [this] {
        EXPECT_FALSE(stopped_);
        stop_.request_stop();
      },
      Until([this] { return stopped_; }));
}

// The stop is in the first loop's mailbox when that ends.
TEST_F(StopRelayTest, OneThatEndsItsLoopAndLeavesIsStoppedAllTheSame) {
  static constexpr auto kBody = [](EventLoop* first, std::stop_source stop,
                                   Task<> then) -> Task<> {
    first->Stop();
    stop.request_stop();
    co_await std::move(then);
  };
  RunSteps(*first_, [this] {
    Spawn(first_.get(),
          kBody(first_.get(), stop_,
                MoveAndSleep(second_.get(), &slept_, &stopped_)),
          {.stop = stop_.get_token()});
  });
  first_.reset();
  RunSteps(*second_, Until([this] { return stopped_; }));
}

TEST_F(StopRelayTest, OneThatHasGoneWithItsLoopMayStillBeAskedTo) {
  SpawnOnFirst();
  RunTurns(*first_, 2);
  second_.reset();
  stop_.request_stop();
  EXPECT_FALSE(slept_);
}

}  // namespace
}  // namespace rondo
