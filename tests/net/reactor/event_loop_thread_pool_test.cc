#include "net/reactor/event_loop_thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <functional>
#include <memory>
#include <semaphore>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class EventLoopThreadPoolTest : public ::testing::Test {
 protected:
  std::unique_ptr<EventLoopThreadPool> Start(
      EventLoopThreadPoolOptions options) {
    auto pool = EventLoopThreadPool::Start(base_loop_.get(), options);
    EXPECT_TRUE(pool.ok()) << pool.status();
    return *std::move(pool);
  }

  // Runs `f` on each loop's own thread, one after the other. Not by
  // RunAndWait(), which runs it here until the thread has come to Run().
  static void RunOnEach(EventLoopThreadPool& pool, std::function<void()> f) {
    auto done = std::make_shared<std::binary_semaphore>(0);
    for (EventLoop* loop : pool.loops()) {
      loop->QueueInLoop([&f, done] {
        f();
        done->release();
      });
      done->acquire();
    }
  }

  const std::unique_ptr<EventLoop> base_loop_ = NewLoop();
};

TEST_F(EventLoopThreadPoolTest, ZeroThreadsMeansTheBaseLoop) {
  const auto pool = Start({.threads = 0});
  EXPECT_THAT(pool->loops(), ElementsAre(base_loop_.get()));
  EXPECT_EQ(pool->size(), 1u);
  EXPECT_EQ(pool->Next(), base_loop_.get());
  EXPECT_EQ(pool->Next(), base_loop_.get());
}

TEST_F(EventLoopThreadPoolTest, MakesAsManyLoopsOnNamedThreads) {
  const auto pool = Start({.threads = 3, .name = "io"});
  std::vector<std::string> names;
  RunOnEach(*pool, [&names] {
    char name[16];
    pthread_getname_np(pthread_self(), name, sizeof(name));
    names.push_back(name);
  });
  EXPECT_THAT(names, ElementsAre("io-0", "io-1", "io-2"));
  EXPECT_THAT(pool->loops(), Not(Contains(base_loop_.get())));
}

TEST_F(EventLoopThreadPoolTest, NextGoesRound) {
  const auto pool = Start({.threads = 3});
  for (int round = 0; round < 3; ++round) {
    for (EventLoop* loop : pool->loops()) EXPECT_EQ(pool->Next(), loop);
  }
  const std::set<EventLoop*> distinct(pool->loops().begin(),
                                      pool->loops().end());
  EXPECT_EQ(distinct.size(), 3u);
}

TEST_F(EventLoopThreadPoolTest, PassesOptionsToItsLoops) {
  const auto pool = Start({.threads = 2, .loop = {.poller = "select"}});
  for (EventLoop* loop : pool->loops()) {
    EXPECT_EQ(loop->poller_name(), "select");
  }
}

TEST_F(EventLoopThreadPoolTest, PinsToTheCpusInTurn) {
  const int threads = AvailableCpus() + 1;  // the last one shares
  const auto pool = Start({.threads = threads, .pin_cpus = true});
  std::vector<int> cpus;
  RunOnEach(*pool, [&cpus] { cpus.push_back(sched_getcpu()); });
  const std::set<int> distinct(cpus.begin(), cpus.end());
  EXPECT_EQ(static_cast<int>(distinct.size()), AvailableCpus());
  EXPECT_EQ(cpus.front(), cpus.back());
}

TEST_F(EventLoopThreadPoolTest, ReportsWhyALoopDoesNotExist) {
  const auto pool = EventLoopThreadPool::Start(
      base_loop_.get(), {.threads = 3, .loop = {.poller = "kqueue"}});
  EXPECT_EQ(pool.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(EventLoopThreadPoolTest, DestructionRunsWhatWasPostedBefore) {
  std::atomic<int> ran{0};
  auto pool = Start({.threads = 4});
  for (int i = 0; i < 400; ++i) pool->Next()->QueueInLoop([&ran] { ++ran; });
  pool.reset();
  EXPECT_EQ(ran, 400);
}

TEST_F(EventLoopThreadPoolTest, ManyThreads) {
  std::atomic<int> ran{0};
  auto pool = Start({.threads = 64});
  EXPECT_EQ(pool->size(), 64u);
  for (EventLoop* loop : pool->loops()) loop->QueueInLoop([&ran] { ++ran; });
  pool.reset();
  EXPECT_EQ(ran, 64);
}

// A task that goes round the loops until they end.
void Hop(const std::vector<EventLoop*>& loops, size_t i) {
  loops[i % loops.size()]->QueueInLoop([&loops, i] { Hop(loops, i + 1); });
}

// A loop must take posts for as long as another loop of the pool runs tasks.
TEST_F(EventLoopThreadPoolTest, DestroyedWhileItsLoopsPostToEachOther) {
  for (int round = 0; round < 100; ++round) {
    auto pool = Start({.threads = 3});
    const std::vector<EventLoop*> loops = pool->loops();
    for (size_t i = 0; i < loops.size(); ++i) Hop(loops, i);
    pool.reset();
  }
}

}  // namespace
}  // namespace rondo
