// A loop and several threads: order, wake-ups, waiting for it, destroying it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// A loop that a thread of its own is running.
class Running {
 public:
  Running()
      : loop(NewLoop()), runner(NewThread("runner", [this, l = loop.get()] {
          l->QueueInLoop([this] { started_.release(); });
          l->Run();
        })) {
    started_.acquire();
  }
  ~Running() {
    if (loop != nullptr) loop->Stop();
    runner.Join();
  }

 private:
  std::binary_semaphore started_{0};

 public:
  std::unique_ptr<EventLoop> loop;
  Thread runner;
};

// Posts to `loop` from several threads until ended.
class Posters {
 public:
  static constexpr int kThreads = 3;
  static constexpr int kMaxQueued = 10'000;  // about, to spare memory

  explicit Posters(EventLoop& loop) {
    for (int i = 0; i < kThreads; ++i) {
      threads_.push_back(NewThread("poster", [this, &loop] {
        while (!over_) {
          if (made - destroyed > kMaxQueued) continue;
          ++made;
          loop.QueueInLoop(
              [this, token = OnDestroy([this] { ++destroyed; })] { ++ran; });
        }
      }));
    }
  }
  ~Posters() { End(); }

  void End() {
    over_ = true;
    threads_.clear();
  }
  void WaitForPosts(int count) {
    while (ran < count) std::this_thread::yield();
  }

  std::atomic<int> made{0};
  std::atomic<int> ran{0};
  std::atomic<int> destroyed{0};

 private:
  std::atomic<bool> over_{false};
  std::vector<Thread> threads_;
};

TEST(EventLoopThreadsTest, EachPostersTasksRunInItsOrder) {
  constexpr int kPosters = 4;
  constexpr int kTasksEach = 10'000;
  int next[kPosters] = {};
  const auto loop = NewLoop();
  int left = kPosters * kTasksEach;
  std::vector<Thread> posters;
  for (int p = 0; p < kPosters; ++p) {
    posters.push_back(NewThread("poster", [&, p] {
      for (int i = 0; i < kTasksEach; ++i) {
        loop->QueueInLoop([&, p, i] {
          EXPECT_EQ(next[p]++, i);
          if (--left == 0) loop->Stop();
        });
      }
    }));
  }
  loop->Run();
  EXPECT_THAT(next, Each(kTasksEach));
}

// The order holds too where a poster becomes the one that runs the loop: by
// Run() ...
TEST(EventLoopThreadsTest, OrderIsKeptWhenThePosterRunsTheLoop) {
  const auto loop = NewLoop();
  std::vector<int> order;
  loop->RunAfter(absl::ZeroDuration(), [&] {  // step 5 of the first turn
    loop->QueueInLoop([&order] { order.push_back(2); });
    loop->QueueInLoop([&loop] { loop->Stop(); });
  });
  NewThread("runner", [&] {
    loop->QueueInLoop([&order] { order.push_back(1); });
    loop->Run();
  }).Join();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

// ... or by RunAndWait(), which runs here as long as nobody is in Run().
TEST(EventLoopThreadsTest, OrderIsKeptAroundRunAndWait) {
  const auto loop = NewLoop();
  std::vector<int> order;
  const auto post = [&](int i) {
    loop->QueueInLoop([&order, i] { order.push_back(i); });
  };
  NewThread("poster", [&] {
    post(1);
    loop->RunAndWait([&] { post(2); });
    post(3);
  }).Join();
  loop->Stop();
  loop->Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoopThreadsTest, PostsToABusyLoopCostNoNotification) {
  const auto loop = NewLoop();
  bool ran = false;
  RunSteps(
      *loop,
      [&] {
        NewThread("poster", [&] {
          for (int i = 0; i < 1'000; ++i) {
            loop->QueueInLoop([&ran] { ran = true; });
          }
        }).Join();
        eventfd_t notifications = 0;
        EXPECT_NE(eventfd_read(loop->mailbox()->wakeup_fd(), &notifications), 0)
            << notifications << " notifications";
      },
      [] {},  // two threads' tasks have no order
      [&] { EXPECT_TRUE(ran); });
}

TEST(EventLoopThreadsTest, APostWakesASleepingLoopAgainAndAgain) {
  std::binary_semaphore ran(0);
  Running running;
  for (int i = 0; i < 1'000; ++i) {
    running.loop->QueueInLoop([&ran] { ran.release(); });
    ran.acquire();
  }
}

// The thread that made the loop posts while another one begins to run it: it is
// the loop's thread until Run() has been called, and then no more.
TEST(EventLoopThreadsTest, PostsOfTheMakerRaceWithTheStartOfRun) {
  for (int round = 0; round < 500; ++round) {
    const auto loop = NewLoop();
    int ran = 0;
    Thread runner(NewThread("runner", [&] { loop->Run(); }));
    for (int i = 0; i < 5; ++i) loop->QueueInLoop([&ran] { ++ran; });
    loop->Stop();
    runner.Join();
    ASSERT_EQ(ran, 5);
  }
}

TEST(RunAndWaitTest, RunsHereBeforeRun) {
  const auto loop = NewLoop();
  std::thread::id ran_on;
  bool in_loop = false;
  NewThread("caller", [&] {
    loop->RunAndWait([&] {
      ran_on = std::this_thread::get_id();
      in_loop = loop->IsInLoopThread();
    });
    EXPECT_EQ(ran_on, std::this_thread::get_id());
    EXPECT_FALSE(loop->IsInLoopThread());
  }).Join();
  EXPECT_TRUE(in_loop);
  EXPECT_TRUE(loop->IsInLoopThread());  // its maker's again
}

TEST(RunAndWaitTest, RunsOnTheLoopWhileItRuns) {
  Running running;
  std::thread::id ran_on;  // not atomic: RunAndWait() orders it
  running.loop->RunAndWait([&ran_on] { ran_on = std::this_thread::get_id(); });
  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(RunAndWaitTest, RunsAfterWhatThisThreadPostedBefore) {
  Running running;
  std::vector<int> order;
  running.loop->QueueInLoop([&order] { order.push_back(1); });
  running.loop->RunAndWait([&order] { order.push_back(2); });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(RunAndWaitTest, OnTheLoopItselfIsInline) {
  const auto loop = NewLoop();
  bool ran = false;
  RunSteps(*loop, [&] {
    loop->RunAndWait([&ran] { ran = true; });
    EXPECT_TRUE(ran);
  });
}

TEST(RunAndWaitTest, RunsHereAfterTheEnd) {
  Running running;
  running.loop->Stop();
  std::thread::id ran_on;
  // The loop is ending, or has ended: after its Stop() nothing runs there.
  running.loop->RunAndWait([&ran_on] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(RunAndWaitTest, RunsOnceWhileTheLoopIsEnding) {
  for (int round = 0; round < 1'000; ++round) {
    Running running;
    std::atomic<int> ran{0};
    Thread caller =
        NewThread("caller", [&] { running.loop->RunAndWait([&] { ++ran; }); });
    Thread stopper = NewThread("stopper", [&] { running.loop->Stop(); });
    caller.Join();
    ASSERT_EQ(ran, 1);
  }
}

TEST(RunAndWaitTest, RunsOnceWhileTheLoopIsBeginning) {
  for (int round = 0; round < 1'000; ++round) {
    const auto loop = NewLoop();
    int ran = 0;  // not atomic: never on two threads at a time
    loop->QueueInLoop([&ran] { ++ran; });
    Thread runner(NewThread("runner", [&] { loop->Run(); }));
    loop->RunAndWait([&ran] { ++ran; });
    loop->RunAndWait([&ran] { ++ran; });
    loop->Stop();
    runner.Join();
    ASSERT_EQ(ran, 3);
  }
}

TEST(RunAndWaitTest, FromManyThreadsOneAtATime) {
  const auto loop = NewLoop();
  int count = 0;
  {
    std::vector<Thread> callers;
    for (int t = 0; t < 4; ++t) {
      callers.push_back(NewThread("caller", [&] {
        for (int i = 0; i < 500; ++i) loop->RunAndWait([&count] { ++count; });
      }));
    }
    Thread runner(NewThread("runner", [&] { loop->Run(); }));
    while (!callers.empty()) callers.pop_back();
    loop->Stop();
  }
  EXPECT_EQ(count, 4 * 500);
}

TEST(EventLoopDestructionTest, FromAnotherThreadWaitsForRunToReturn) {
  for (int round = 0; round < 100; ++round) {
    Running running;
    running.loop.reset();
    running.runner.Join();
  }
}

TEST(EventLoopDestructionTest, UnderPostsThatRaceUntilJustBefore) {
  for (int round = 0; round < 100; ++round) {
    Running running;
    Posters posters(*running.loop);
    posters.WaitForPosts(50);
    posters.End();
    running.loop.reset();
    running.runner.Join();
    ASSERT_EQ(posters.destroyed, posters.made) << "leaked or still queued";
    ASSERT_LE(posters.ran, posters.made);
  }
}

TEST(EventLoopDestructionTest, StoppedUnderPostsItRunsNoneLate) {
  for (int round = 0; round < 100; ++round) {
    Running running;
    Posters posters(*running.loop);
    posters.WaitForPosts(50);
    running.loop->Stop();
    running.runner.Join();
    const int ran_at_the_end = posters.ran;
    posters.End();
    running.loop.reset();
    ASSERT_EQ(posters.ran, ran_at_the_end);
    ASSERT_EQ(posters.destroyed, posters.made);
  }
}

TEST(EventLoopDestructionTest, OnAThreadThatNeitherMadeNorRanIt) {
  Running running;
  NewThread("destroyer", [&running] { running.loop.reset(); }).Join();
}

}  // namespace
}  // namespace rondo
