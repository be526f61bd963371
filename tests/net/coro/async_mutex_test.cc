#include "net/coro/async_mutex.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

Task<> Take(AsyncMutex* mutex, AsyncMutex::Lock* to) {
  *to = co_await mutex->Acquire();
}
Task<> LogTurn(AsyncMutex* mutex, std::string name, std::string* log) {
  const AsyncMutex::Lock lock = co_await mutex->Acquire();
  log->append(lock ? name : "stopped ");
}

class AsyncMutexTest : public ::testing::Test {
 protected:
  Step Release() {
    return [this] { lock_.Release(); };
  }

  // A task that takes lock_, which is the test's to release.
  void SpawnTaker() { Spawn(loop_.get(), Take(&mutex_, &lock_)); }
  // One that has a turn.
  void SpawnTurn(std::string name) {
    Spawn(loop_.get(), LogTurn(&mutex_, std::move(name), &log_));
  }
  // While the lock is taken, two wait for it, the first in `scope`.
  void SpawnTakerAndTwo(TaskScope& scope) {
    SpawnTaker();
    scope.Spawn(LogTurn(&mutex_, "a ", &log_));
    SpawnTurn("b ");
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncMutex mutex_;
  AsyncMutex::Lock lock_;
  std::string log_;
};

TEST_F(AsyncMutexTest, IsFreeAtFirstAndAfterItsLockIsGone) {
  RunSteps(*loop_, [&] {
    SpawnTurn("a ");
    EXPECT_EQ(log_, "a ");
    EXPECT_FALSE(mutex_.locked());
  });
}

TEST_F(AsyncMutexTest, FirstComeFirstServed) {
  RunSteps(
      *loop_,
      [&] {
        SpawnTaker();
        EXPECT_TRUE(lock_);
        for (const char* name : {"a ", "b ", "c "}) {
          SpawnTurn(name);
        }
      },
      Nothing(), [&] { EXPECT_EQ(log_, ""); }, Release(), Nothing(), Nothing(),
      Nothing());
  EXPECT_EQ(log_, "a b c ");
  EXPECT_FALSE(mutex_.locked());
}

// Who comes between the release and the resumption of the next is behind him.
TEST_F(AsyncMutexTest, NobodyOvertakesTheNext) {
  RunSteps(
      *loop_,
      [&] {
        SpawnTaker();
        SpawnTurn("next ");
        lock_.Release();
        EXPECT_TRUE(mutex_.locked());
        SpawnTurn("late ");
      },
      Nothing(), Nothing(), Nothing());
  EXPECT_EQ(log_, "next late ");
}

TEST_F(AsyncMutexTest, IfTheNextIsDestroyedBeforeItIsResumedItIsPassedOn) {
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_, [&] { SpawnTakerAndTwo(*scope); },
      [&] {
        lock_.Release();
        scope.reset();
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "b ");
  EXPECT_FALSE(mutex_.locked());
}

TEST_F(AsyncMutexTest, WhoIsDestroyedInTheQueueIsLeftOut) {
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        SpawnTakerAndTwo(*scope);
        scope.reset();
      },
      Release(), Nothing(), Nothing());
  EXPECT_EQ(log_, "b ");
}

TEST_F(AsyncMutexTest, WhoStopsInTheQueueIsLeftOut) {
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        SpawnTakerAndTwo(scope);
        scope.RequestStop();
      },
      Nothing(), Release(), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped b ");
}

TEST_F(AsyncMutexTest, ALockIsMovedAndReleasedOnce) {
  RunSteps(*loop_, [&] {
    SpawnTaker();
    AsyncMutex::Lock other = std::move(lock_);
    EXPECT_FALSE(lock_);  // NOLINT: after a move
    lock_ = std::move(other);
    EXPECT_TRUE(mutex_.locked());
    lock_.Release();
    lock_.Release();
    EXPECT_FALSE(mutex_.locked());
  });
}

}  // namespace
}  // namespace rondo
