// Work for a pool's threads that throws, or cannot be moved there and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/thread_pool.h"
#include "net/coro/offload.h"
#include "net/coro/spawn.h"
#include "tests/net/reactor/warnings.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/loops.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Throws when it is moved too often.
struct Fragile {
  explicit Fragile(int moves) : moves_left(moves) {}
  Fragile(Fragile&& other) : moves_left(other.moves_left - 1) {
    if (moves_left < 0) throw std::runtime_error("moved too often");
  }
  int moves_left;
};

struct FragileWork {
  int operator()() { return 1; }
  Fragile fragile;
};

// Logs how two offloads have ended, one after the other: `work`, and one that
// shows that task, loop and pool are as good as before.
template <typename F>
Task<> LogTwo(ThreadPool* pool, F* work, std::string* log) {
  try {
    const auto outcome = co_await Offload(*pool, std::move(*work));
    log->append(StatusOf(outcome).ok() ? "given" : "not given");
  } catch (const std::exception& e) {
    log->append(e.what());
  } catch (int i) {
    log->append(std::to_string(i));
  }
  const auto next = co_await Offload(*pool, [] { return 7; });
  log->append(", and " + std::to_string(*next));
}

class OffloadExceptionTest : public ::testing::Test {
 protected:
  // What is logged of `work`, on a loop and a pool of its own.
  template <typename F>
  std::string Log(F work) {
    const std::unique_ptr<ThreadPool> pool = NewPool({.threads = 1});
    const std::unique_ptr<EventLoop> loop = NewLoop();
    std::string log;
    bool ended = false;
    Spawn(loop.get(), LogTwo(pool.get(), &work, &log),
          {.on_end = [&ended](std::exception_ptr) { ended = true; }});
    RunSteps(*loop, Until([&ended] { return ended; }));
    return log;
  }
};

TEST_F(OffloadExceptionTest, WorkThatGivesNothingMayThrow) {
  EXPECT_EQ(Log([] { throw std::runtime_error("thrown"); }), "thrown, and 7");
}

TEST_F(OffloadExceptionTest, WorkThatGivesAStatusMayThrow) {
  EXPECT_EQ(Log([]() -> absl::Status { throw std::runtime_error("thrown"); }),
            "thrown, and 7");
}

TEST_F(OffloadExceptionTest, WhatIsThrownMayBeAnything) {
  EXPECT_EQ(Log([]() -> int { throw 5; }), "5, and 7");
}

// On the pool's thread first; with more moves, on the loop's.
TEST_F(OffloadExceptionTest, AResultWhoseMoveThrowsIsThatException) {
  std::string log;
  int thrown = 0;
  for (int moves = 0; moves < 10 && log != "given, and 7"; ++moves) {
    log = Log([moves] { return Fragile(moves); });
    if (log == "moved too often, and 7") ++thrown;
  }
  EXPECT_EQ(log, "given, and 7");
  EXPECT_GE(thrown, 2) << "it was not moved on both threads";
}

// Work is moved by the task only, but at each step of its way.
TEST_F(OffloadExceptionTest, WorkWhoseMoveThrowsIsThatException) {
  int thrown = 0;
  std::string log;
  for (int moves = 0; moves < 20 && log != "given, and 7"; ++moves) {
    log = Log(FragileWork{Fragile(moves)});
    if (log == "given, and 7") continue;
    EXPECT_EQ(log, "moved too often, and 7");
    ++thrown;
  }
  EXPECT_EQ(log, "given, and 7");
  EXPECT_GT(thrown, 0);
}

Task<> AwaitOffload(ThreadPool* pool, EventCount* begun, EventCount* go_on) {
  (void)co_await Offload(*pool, [begun, go_on] {
    begun->Add();
    go_on->Await(1);
    throw std::runtime_error("thrown late");
  });
  ADD_FAILURE() << "resumed";
}

TEST(OffloadLogTest, WhatIsThrownWhenNobodyWaitsAnyMoreIsLogged) {
  Warnings warnings;
  EventCount begun;
  EventCount go_on;
  std::unique_ptr<ThreadPool> pool = NewPool({.threads = 1});
  std::unique_ptr<EventLoop> loop = NewLoop();
  Spawn(loop.get(), AwaitOffload(pool.get(), &begun, &go_on));
  RunSteps(*loop, [&begun] { begun.Await(1); });
  loop.reset();
  go_on.Add();
  pool.reset();  // its thread has ended
  EXPECT_THAT(warnings.Take(), ElementsAre(HasSubstr("thrown late")));
}

TEST_F(OffloadExceptionTest, WhatTheTaskHasHeardOfIsNotLogged) {
  Warnings warnings;
  EXPECT_EQ(Log([]() -> int { throw 5; }), "5, and 7");
  EXPECT_THAT(warnings.Take(), IsEmpty());
}

}  // namespace
}  // namespace rondo
