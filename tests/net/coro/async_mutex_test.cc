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

class AsyncMutexTest : public ::testing::Test {
 protected:
  static Step Nothing() {
    return [] {};
  }
  Step Release(AsyncMutex::Lock& lock) {
    return [&lock] { lock.Release(); };
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncMutex mutex_;
  std::string log_;
};

Task<> Take(AsyncMutex* mutex, AsyncMutex::Lock* to) {
  *to = co_await mutex->Acquire();
}
Task<> LogTurn(AsyncMutex* mutex, std::string name, std::string* log) {
  const AsyncMutex::Lock lock = co_await mutex->Acquire();
  log->append(lock ? name : "stopped ");
}

TEST_F(AsyncMutexTest, IsFreeAtFirstAndAfterItsLockIsGone) {
  RunSteps(*loop_, [&] {
    Spawn(loop_.get(), LogTurn(&mutex_, "a ", &log_));
    EXPECT_EQ(log_, "a ");
    EXPECT_FALSE(mutex_.locked());
  });
}

TEST_F(AsyncMutexTest, FirstComeFirstServed) {
  AsyncMutex::Lock lock;
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), Take(&mutex_, &lock));
        EXPECT_TRUE(lock);
        for (const char* name : {"a ", "b ", "c "}) {
          Spawn(loop_.get(), LogTurn(&mutex_, name, &log_));
        }
      },
      Nothing(), [&] { EXPECT_EQ(log_, ""); }, Release(lock), Nothing(),
      Nothing(), Nothing());
  EXPECT_EQ(log_, "a b c ");
  EXPECT_FALSE(mutex_.locked());
}

// Who comes between the release and the resumption of the next is behind him.
TEST_F(AsyncMutexTest, NobodyOvertakesTheNext) {
  AsyncMutex::Lock lock;
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), Take(&mutex_, &lock));
        Spawn(loop_.get(), LogTurn(&mutex_, "next ", &log_));
        lock.Release();
        EXPECT_TRUE(mutex_.locked());
        Spawn(loop_.get(), LogTurn(&mutex_, "late ", &log_));
      },
      Nothing(), Nothing(), Nothing());
  EXPECT_EQ(log_, "next late ");
}

TEST_F(AsyncMutexTest, IfTheNextIsDestroyedBeforeItIsResumedItIsPassedOn) {
  AsyncMutex::Lock lock;
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), Take(&mutex_, &lock));
        scope->Spawn(LogTurn(&mutex_, "destroyed ", &log_));
        Spawn(loop_.get(), LogTurn(&mutex_, "b ", &log_));
      },
      [&] {
        lock.Release();
        scope.reset();
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "b ");
  EXPECT_FALSE(mutex_.locked());
}

TEST_F(AsyncMutexTest, WhoIsDestroyedInTheQueueIsLeftOut) {
  AsyncMutex::Lock lock;
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), Take(&mutex_, &lock));
        scope->Spawn(LogTurn(&mutex_, "destroyed ", &log_));
        Spawn(loop_.get(), LogTurn(&mutex_, "b ", &log_));
        scope.reset();
      },
      Release(lock), Nothing(), Nothing());
  EXPECT_EQ(log_, "b ");
}

TEST_F(AsyncMutexTest, WhoStopsInTheQueueIsLeftOut) {
  AsyncMutex::Lock lock;
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        Spawn(loop_.get(), Take(&mutex_, &lock));
        scope.Spawn(LogTurn(&mutex_, "a ", &log_));
        Spawn(loop_.get(), LogTurn(&mutex_, "b ", &log_));
        scope.RequestStop();
      },
      Nothing(), Release(lock), Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped b ");
}

TEST_F(AsyncMutexTest, ALockIsMovedAndReleasedOnce) {
  AsyncMutex::Lock lock;
  RunSteps(*loop_, [&] {
    Spawn(loop_.get(), Take(&mutex_, &lock));
    AsyncMutex::Lock other = std::move(lock);
    EXPECT_FALSE(lock);  // NOLINT: after a move
    lock = std::move(other);
    EXPECT_TRUE(mutex_.locked());
    lock.Release();
    lock.Release();
    EXPECT_FALSE(mutex_.locked());
  });
}

}  // namespace
}  // namespace rondo
