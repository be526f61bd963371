#include "base/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <latch>
#include <memory>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using SubmitResult = ThreadPool::SubmitResult;
using StopMode = ThreadPool::StopMode;

void MustSubmit(ThreadPool& pool, ThreadPool::Task task) {
  ASSERT_EQ(pool.Submit(std::move(task)), SubmitResult::kAccepted);
}

// Occupies one thread of a pool until released.
class Blocker {
 public:
  // Returns when a thread is occupied.
  explicit Blocker(ThreadPool& pool) {
    MustSubmit(pool, [shared = shared_] {
      shared->started.release();
      shared->go.acquire();
    });
    shared_->started.acquire();
  }
  void Release() { shared_->go.release(); }

 private:
  struct Shared {
    std::binary_semaphore started{0};
    std::binary_semaphore go{0};
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

TEST(ThreadPoolTest, RunsTasksOnItsNamedThreads) {
  constexpr int kThreads = 3;
  const std::unique_ptr<ThreadPool> owned_pool =
      NewPool({.name = "crunch", .threads = kThreads});
  ThreadPool& pool = *owned_pool;
  EXPECT_EQ(pool.threads(), kThreads);
  std::latch together(kThreads);  // so that each thread takes one
  Mutex mu;
  std::set<std::string> names;
  for (int i = 0; i < kThreads; ++i) {
    MustSubmit(pool, [&] {
      together.arrive_and_wait();
      char name[16];
      pthread_getname_np(pthread_self(), name, sizeof(name));
      MutexLock lock(&mu);
      names.insert(name);
    });
  }
  pool.Stop(StopMode::kDrain);
  EXPECT_THAT(names,
              ::testing::ElementsAre("crunch-0", "crunch-1", "crunch-2"));
}

TEST(ThreadPoolTest, OneThreadRunsInOrderOfSubmission) {
  std::vector<int> order;
  std::vector<int> expected;
  {
    const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
    ThreadPool& pool = *owned_pool;
    for (int i = 0; i < 1'000; ++i) {
      MustSubmit(pool, [&order, i] { order.push_back(i); });
      expected.push_back(i);
    }
  }
  EXPECT_EQ(order, expected);
}

TEST(ThreadPoolTest, RefusesWhenFullAndLeavesTheTaskIntact) {
  const std::unique_ptr<ThreadPool> owned_pool =
      NewPool({.threads = 1, .max_queued_tasks = 2});
  ThreadPool& pool = *owned_pool;
  EXPECT_EQ(pool.max_queued_tasks(), 2u);
  Blocker blocker(pool);
  for (int i = 0; i < 2; ++i) MustSubmit(pool, [] {});
  bool ran = false;
  ThreadPool::Task task = [&ran, owned = std::make_unique<int>(7)] {
    ran = *owned == 7;
  };
  EXPECT_EQ(pool.Submit(std::move(task)), SubmitResult::kQueueFull);
  EXPECT_FALSE(ran);
  ASSERT_TRUE(task != nullptr);
  task();  // what it captured is still there
  EXPECT_TRUE(ran);
  blocker.Release();
}

TEST(ThreadPoolTest, AcceptsAgainWhenNoLongerFull) {
  std::binary_semaphore ran(0);
  const std::unique_ptr<ThreadPool> owned_pool =
      NewPool({.threads = 1, .max_queued_tasks = 1});
  ThreadPool& pool = *owned_pool;
  Blocker first(pool);
  MustSubmit(pool, [&ran] { ran.release(); });
  EXPECT_EQ(pool.Submit([] {}), SubmitResult::kQueueFull);
  first.Release();
  ran.acquire();
  MustSubmit(pool, [] {});
}

TEST(ThreadPoolTest, QueueLengthCountsWhatWaits) {
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
  ThreadPool& pool = *owned_pool;
  EXPECT_EQ(pool.queue_length(), 0u);
  Blocker blocker(pool);
  EXPECT_EQ(pool.queue_length(), 0u);  // running, not waiting
  MustSubmit(pool, [] {});
  MustSubmit(pool, [] {});
  EXPECT_EQ(pool.queue_length(), 2u);
  blocker.Release();
  pool.Stop(StopMode::kDrain);
  EXPECT_EQ(pool.queue_length(), 0u);
}

TEST(ThreadPoolTest, DrainRunsAllThatIsQueued) {
  std::atomic<int> ran = 0;
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
  ThreadPool& pool = *owned_pool;
  for (int i = 0; i < 500; ++i) MustSubmit(pool, [&ran] { ++ran; });
  pool.Stop(StopMode::kDrain);
  EXPECT_EQ(ran, 500);
}

TEST(ThreadPoolTest, DestructorDrains) {
  std::atomic<int> ran = 0;
  {
    const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
    ThreadPool& pool = *owned_pool;
    for (int i = 0; i < 500; ++i) MustSubmit(pool, [&ran] { ++ran; });
  }
  EXPECT_EQ(ran, 500);
}

TEST(ThreadPoolTest, CancelDestroysWhatIsQueuedUnrun) {
  bool ran = false;
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
  ThreadPool& pool = *owned_pool;
  Blocker blocker(pool);
  auto token = std::make_shared<int>();
  for (int i = 0; i < 10; ++i) {
    MustSubmit(pool, [token, &ran] { ran = true; });
  }
  EXPECT_EQ(token.use_count(), 11);
  Thread stopper =
      NewThread("stopper", [&pool] { pool.Stop(StopMode::kCancel); });
  // The queue is gone before Stop() waits for the running task.
  while (token.use_count() > 1) std::this_thread::yield();
  blocker.Release();
  stopper.Join();
  EXPECT_FALSE(ran);
}

TEST(ThreadPoolTest, SubmitAfterStopIsRefusedWithTheTaskIntact) {
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
  ThreadPool& pool = *owned_pool;
  pool.Stop(StopMode::kDrain);
  ThreadPool::Task task = [owned = std::make_unique<int>(1)] {};
  EXPECT_EQ(pool.Submit(std::move(task)), SubmitResult::kStopped);
  EXPECT_TRUE(task != nullptr);
}

TEST(ThreadPoolTest, StoppingTwiceIsHarmless) {
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
  ThreadPool& pool = *owned_pool;
  pool.Stop(StopMode::kDrain);
  pool.Stop(StopMode::kDrain);
  pool.Stop(StopMode::kCancel);
}

TEST(ThreadPoolTest, EveryConcurrentStopWaitsForTheThreads) {
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
  ThreadPool& pool = *owned_pool;
  std::atomic<int> ran = 0;
  for (int i = 0; i < 200; ++i) MustSubmit(pool, [&ran] { ++ran; });
  std::vector<Thread> stoppers;
  for (int i = 0; i < 4; ++i) {
    stoppers.push_back(NewThread("stopper", [&] {
      pool.Stop(StopMode::kDrain);
      EXPECT_EQ(ran, 200);
    }));
  }
}

TEST(ThreadPoolTest, CancelOvertakesADrainUnderWay) {
  bool ran = false;
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
  ThreadPool& pool = *owned_pool;
  Blocker blocker(pool);
  auto token = std::make_shared<int>();
  MustSubmit(pool, [&ran, token] { ran = true; });
  Thread drainer =
      NewThread("drainer", [&pool] { pool.Stop(StopMode::kDrain); });
  while (pool.Submit([] {}) != SubmitResult::kStopped) {
    std::this_thread::yield();  // until the drain is under way
  }
  Thread canceller =
      NewThread("canceller", [&pool] { pool.Stop(StopMode::kCancel); });
  while (token.use_count() > 1) std::this_thread::yield();
  blocker.Release();
  drainer.Join();
  canceller.Join();
  EXPECT_FALSE(ran);
}

TEST(ThreadPoolTest, TaskMayStopItsPool) {
  std::binary_semaphore stopped(0);
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
  ThreadPool& pool = *owned_pool;
  MustSubmit(pool, [&] {
    pool.Stop(StopMode::kDrain);  // does not wait for this very thread
    stopped.release();
  });
  stopped.acquire();
  EXPECT_EQ(pool.Submit([] {}), SubmitResult::kStopped);
}

TEST(ThreadPoolTest, TaskMayDestroyItsPool) {
  for (int threads : {1, 2, 4}) {
    auto pool = NewPool({.threads = threads});
    auto others = std::make_shared<std::atomic<int>>(0);
    std::binary_semaphore handed_over(0);
    auto destroyed = std::make_shared<std::binary_semaphore>(0);
    ThreadPool& raw = *pool;
    MustSubmit(raw, [&handed_over, destroyed, &pool] {
      handed_over.acquire();
      pool.reset();
      destroyed->release();
    });
    // What is queued behind it is drained all the same.
    auto drained = std::make_shared<std::latch>(10);
    for (int i = 0; i < 10; ++i) {
      MustSubmit(raw, [drained] { drained->count_down(); });
    }
    handed_over.release();
    destroyed->acquire();
    drained->wait();
  }
}

TEST(ThreadPoolTest, TasksMaySubmitTasks) {
  std::atomic<int> ran = 0;
  std::latch done(100);
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 2});
  ThreadPool& pool = *owned_pool;
  for (int i = 0; i < 100; ++i) {
    MustSubmit(pool, [&] {
      ++ran;
      ASSERT_EQ(pool.Submit([&] { done.count_down(); }),
                SubmitResult::kAccepted);
    });
  }
  done.wait();
  EXPECT_EQ(ran, 100);
}

TEST(ThreadPoolTest, ATaskIsDestroyedOnceItHasRun) {
  std::binary_semaphore next_ran(0);
  const std::unique_ptr<ThreadPool> owned_pool = NewPool({.threads = 1});
  ThreadPool& pool = *owned_pool;
  auto token = std::make_shared<int>();
  MustSubmit(pool, [token] {});
  MustSubmit(pool, [&next_ran] { next_ran.release(); });
  next_ran.acquire();
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ThreadPoolTest, TwoOfItsWorkersMayStopItAtOnce) {
  std::latch both(2);
  const std::unique_ptr<ThreadPool> pool = NewPool({.threads = 2});
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(pool->Submit([&] {
      both.arrive_and_wait();
      pool->Stop(StopMode::kDrain);
    }),
              SubmitResult::kAccepted);
  }
  both.wait();
}

// Submissions race with the stop: each is run or refused, none is lost.
TEST(ThreadPoolTest, RacingSubmissionsAreRunOrRefused) {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> ran = 0;
    std::atomic<int> accepted = 0;
    {
      const std::unique_ptr<ThreadPool> owned_pool =
          NewPool({.threads = 2, .max_queued_tasks = 16});
      ThreadPool& pool = *owned_pool;
      std::vector<Thread> submitters;
      for (int t = 0; t < 3; ++t) {
        submitters.push_back(NewThread("submitter", [&] {
          SubmitResult result;
          while ((result = pool.Submit([&ran] { ++ran; })) !=
                 SubmitResult::kStopped) {
            accepted += result == SubmitResult::kAccepted;
          }
        }));
      }
      while (ran < 10) std::this_thread::yield();
      pool.Stop(StopMode::kDrain);
    }
    ASSERT_EQ(ran, accepted);
  }
}

}  // namespace
}  // namespace rondo
