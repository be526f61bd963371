#include "net/reactor/event_loop_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "tests/net/reactor/warnings.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<EventLoopThread> MustStart(
    EventLoopThreadOptions options = {}) {
  auto thread = EventLoopThread::Start(std::move(options));
  EXPECT_TRUE(thread.ok()) << thread.status();
  return *std::move(thread);
}

// Runs `f` on the loop's thread and waits for it. Not RunAndWait(), which runs
// it here as long as the thread has not come as far as Run().
void RunOn(EventLoop* loop, EventLoop::Task f) {
  auto done = std::make_shared<std::binary_semaphore>(0);
  loop->QueueInLoop([&f, done] {
    f();
    done->release();
  });
  done->acquire();
}

std::thread::id IdOf(EventLoop* loop) {
  std::thread::id id;
  RunOn(loop, [&id] { id = std::this_thread::get_id(); });
  return id;
}

TEST(EventLoopThreadTest, RunsALoopOnANamedThreadOfItsOwn) {
  const auto thread = MustStart({.name = "io-3"});
  char name[16] = "";
  bool in_loop = false;
  RunOn(thread->loop(), [&] {
    pthread_getname_np(pthread_self(), name, sizeof(name));
    in_loop = thread->loop()->IsInLoopThread();
  });
  EXPECT_STREQ(name, "io-3");
  EXPECT_TRUE(in_loop);
  EXPECT_FALSE(thread->loop()->IsInLoopThread());
}

TEST(EventLoopThreadTest, PassesOptionsToItsLoop) {
  const auto thread = MustStart({.loop = {.poller = "poll"}});
  EXPECT_EQ(thread->loop()->poller_name(), "poll");
}

TEST(EventLoopThreadTest, NamesItsLoopAsItsThread) {
  FakeClock clock;
  Warnings warnings;
  auto thread =
      MustStart({.name = "a-name-of-over-15-bytes", .loop = {.clock = &clock}});
  RunOn(thread->loop(), [&] { clock.Advance(absl::Hours(1)); });
  thread.reset();
  EXPECT_THAT(warnings.Take(), ::testing::ElementsAre(::testing::StartsWith(
                                   "a-name-of-over-15-bytes: a task")));
}

TEST(EventLoopThreadTest, ReportsWhyItsLoopDoesNotExist) {
  const auto thread = EventLoopThread::Start({.loop = {.poller = "kqueue"}});
  EXPECT_EQ(thread.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(thread.status().message()), HasSubstr("kqueue"));
}

TEST(EventLoopThreadTest, PinsItsThread) {
  const int last = AvailableCpus() - 1;
  const auto thread = MustStart({.pin_to_cpu = last});
  int cpus = 0;
  RunOn(thread->loop(), [&cpus] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof(set), &set);
    cpus = CPU_COUNT(&set);
  });
  EXPECT_EQ(cpus, 1);
}

TEST(EventLoopThreadTest, ReportsACpuThatDoesNotExist) {
  const auto thread = EventLoopThread::Start({.pin_to_cpu = 1'000'000});
  EXPECT_EQ(thread.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(EventLoopThreadTest, DestructionRunsWhatWasPostedBefore) {
  int ran = 0;
  auto thread = MustStart();
  for (int i = 0; i < 100; ++i) thread->loop()->QueueInLoop([&ran] { ++ran; });
  thread.reset();
  EXPECT_EQ(ran, 100);
}

TEST(EventLoopThreadTest, LoopLivesOnWhenItWasStoppedEarlier) {
  auto thread = MustStart();
  EventLoop* const loop = thread->loop();
  const std::thread::id id = IdOf(loop);
  loop->Stop();
  loop->RunAndWait([] {});  // until it has ended
  bool ran = false;
  std::thread::id destroyed_on;
  loop->QueueInLoop([&ran, token = OnDestroy([&destroyed_on] {
                             destroyed_on = std::this_thread::get_id();
                           })] { ran = true; });
  EXPECT_EQ(destroyed_on, std::thread::id());
  thread.reset();
  EXPECT_FALSE(ran);
  EXPECT_EQ(destroyed_on, id) << "destroyed on another thread than the loop's";
}

TEST(EventLoopThreadTest, ACallbackOfItsLoopMayDestroyIt) {
  for (int round = 0; round < 20; ++round) {
    auto thread = MustStart();
    EventLoop* const loop = thread->loop();
    auto destroyed = std::make_shared<std::binary_semaphore>(0);
    loop->QueueInLoop([t = std::move(thread), destroyed]() mutable {
      t.reset();
      destroyed->release();
    });
    destroyed->acquire();
  }
}

// Owned by a task that never runs, it is destroyed by its own ending loop.
TEST(EventLoopThreadTest, ItsEndingLoopMayDestroyIt) {
  auto thread = MustStart();
  EventLoop* const loop = thread->loop();
  auto destroyed = std::make_shared<std::binary_semaphore>(0);
  loop->QueueInLoop([loop, t = std::move(thread), destroyed]() mutable {
    loop->Stop();
    loop->QueueInLoop([u = std::move(t), token = OnDestroy([destroyed] {
                                           destroyed->release();
                                         })] { FAIL(); });
  });
  destroyed->acquire();
}

TEST(EventLoopThreadTest, DestroyedUnderPosts) {
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> made{0};
    std::atomic<int> destroyed{0};
    auto thread = MustStart();
    {
      std::vector<Thread> posters;
      for (int p = 0; p < 3; ++p) {
        posters.push_back(NewThread("poster", [&, loop = thread->loop()] {
          for (int i = 0; i < 200; ++i) {
            ++made;
            loop->QueueInLoop([token = OnDestroy([&] { ++destroyed; })] {});
          }
        }));
      }
    }
    thread.reset();
    ASSERT_EQ(destroyed, made);
  }
}

TEST(EventLoopThreadTest, DestroyedByAnotherLoop) {
  auto destroyer = MustStart();
  auto victim = MustStart();
  RunOn(destroyer->loop(), [&victim] { victim.reset(); });
  EXPECT_EQ(victim, nullptr);
}

TEST(EventLoopThreadTest, LoopsPostToEachOther) {
  std::binary_semaphore done(0);
  int passes = 0;
  const auto ping = MustStart({.name = "ping"});
  const auto pong = MustStart({.name = "pong"});
  struct Play {
    static void Pass(EventLoop* to, EventLoop* from, int* passes,
                     std::binary_semaphore* done) {
      if (++*passes == 2'000) return done->release();
      to->QueueInLoop(
          [from, to, passes, done] { Pass(from, to, passes, done); });
    }
  };
  Play::Pass(ping->loop(), pong->loop(), &passes, &done);
  done.acquire();
  EXPECT_EQ(passes, 2'000);
}

}  // namespace
}  // namespace rondo
