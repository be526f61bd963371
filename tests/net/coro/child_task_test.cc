// Children of children.
#include "net/coro/child_task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/coro/async_event.h"
#include "net/coro/spawn.h"
#include "net/coro/when_all.h"
#include "net/coro/with_timeout.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(1);

Task<int> WaitAndGive(AsyncEvent* event, int result) {
  (void)co_await event->Wait();
  co_return result;
}
Task<int> Sum(AsyncEvent* a, AsyncEvent* b) {
  const auto [one, two] =
      co_await WhenAll(WaitAndGive(a, 1), WaitAndGive(b, 2));
  co_return one + two;
}
Task<> LogSum(Task<int> sum, std::string* log) {
  const absl::StatusOr<int> outcome =
      co_await WithTimeout(kTimeout, std::move(sum));
  *log = outcome.ok()
             ? std::to_string(*outcome)
             : std::string(absl::StatusCodeToString(outcome.status().code()));
}

// The children give what they give whether or not they were stopped.
class ChildTaskTest : public ::testing::Test {
 protected:
  std::string Run() {
    RunSteps(
        *loop_, [this] { Spawn(loop_.get(), LogSum(Sum(&a_, &b_), &log_)); },
        [] {}, [this] { clock_.Advance(kTimeout); }, [] {}, [] {}, [] {});
    return log_;
  }

  FakeClock clock_;
  const std::unique_ptr<EventLoop> loop_ =
      NewLoop({.clock = &clock_, .stall_limit = absl::InfiniteDuration()});
  AsyncEvent a_;
  AsyncEvent b_;
  std::string log_;
};

TEST_F(ChildTaskTest, OneThatWasCutShortCutsShortWhoAwaitsIt) {
  EXPECT_EQ(Run(), "DEADLINE_EXCEEDED");
}

TEST_F(ChildTaskTest, OneOfTwoThatWasCutShortIsEnough) {
  a_.Set();
  EXPECT_EQ(Run(), "DEADLINE_EXCEEDED");
}

TEST_F(ChildTaskTest, OnesThatCameInTimeDoNot) {
  a_.Set();
  b_.Set();
  EXPECT_EQ(Run(), "3");
}

}  // namespace
}  // namespace rondo
