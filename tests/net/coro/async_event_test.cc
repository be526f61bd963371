#include "net/coro/async_event.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "net/coro/spawn.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

class AsyncEventTest : public ::testing::Test {
 protected:
  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncEvent event_;
  std::string log_;
};

Task<> LogWait(AsyncEvent* event, std::string name, std::string* log) {
  const bool came = co_await event->Wait();
  log->append(came ? name : "stopped ");
}

TEST_F(AsyncEventTest, ResumesAllInTheirOrderAndNotInSet) {
  RunSteps(
      *loop_,
      [&] {
        for (const char* name : {"a ", "b ", "c "}) {
          Spawn(loop_.get(), LogWait(&event_, name, &log_));
        }
      },
      [&] {
        event_.Set();
        EXPECT_EQ(log_, "");
      },
      Nothing());
  EXPECT_EQ(log_, "a b c ");
}

TEST_F(AsyncEventTest, SetItStaysSoUntilItIsReset) {
  event_.Set();
  event_.Set();
  EXPECT_TRUE(event_.is_set());
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), LogWait(&event_, "a ", &log_));
        EXPECT_EQ(log_, "a ");
        event_.Reset();
        Spawn(loop_.get(), LogWait(&event_, "b ", &log_));
      },
      Nothing());
  EXPECT_EQ(log_, "a ");
}

TEST_F(AsyncEventTest, SetAndResetItResumesWhoWaited) {
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), LogWait(&event_, "a ", &log_));
        event_.Set();
        event_.Reset();
        Spawn(loop_.get(), LogWait(&event_, "b ", &log_));
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "a ");
}

// One that waits again at once is not resumed again in the same turn.
TEST_F(AsyncEventTest, WhoWaitsAgainHearsTheNextSet) {
  static constexpr auto kBody = [](AsyncEvent* event, int* turns) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      event->Reset();
      EXPECT_TRUE(co_await event->Wait());
      ++*turns;
    }
  };
  int turns = 0;
  RunSteps(
      *loop_, [&] { Spawn(loop_.get(), kBody(&event_, &turns)); },
      [&] { event_.Set(); }, [&] { EXPECT_EQ(turns, 1); },
      [&] { event_.Set(); }, [&] { EXPECT_EQ(turns, 2); });
}

}  // namespace
}  // namespace rondo
