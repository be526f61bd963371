#include "net/coro/loop_tasks.h"

#include <gtest/gtest.h>

#include <memory>

#include "net/coro/async_event.h"
#include "net/coro/spawn.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

// Two that wake each other until they are told to end, or for far too long.
Task<> WakeEachOther(AsyncEvent* mine, AsyncEvent* others, const bool* end,
                     int* rounds) {
  constexpr int kTooMany = 100'000;
  while (!*end && *rounds < kTooMany) {
    ++*rounds;
    others->Set();
    (void)co_await mine->Wait();
    mine->Reset();
  }
  others->Set();
  EXPECT_LT(*rounds, kTooMany) << "they had the loop to themselves";
}

TEST(LoopTasksTest, ThoseThatAreReadyAgainAndAgainLeaveOthersTheirTurn) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  AsyncEvent a;
  AsyncEvent b;
  bool end = false;
  int rounds = 0;
  RunSteps(
      *loop,
      [&] {
        Spawn(loop.get(), WakeEachOther(&a, &b, &end, &rounds));
        Spawn(loop.get(), WakeEachOther(&b, &a, &end, &rounds));
      },
      [] {}, [&] { end = true; }, [] {}, [] {});
  EXPECT_GT(rounds, 2);
}

}  // namespace
}  // namespace rondo
