#include "net/coro/resume_on.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

class ResumeOnTest : public ::testing::Test {
 protected:
  // The loops run: RunAndWait() is a task of theirs, and no visit.
  ResumeOnTest() {
    EventCount running;
    a()->QueueInLoop([&running] { running.Add(); });
    b()->QueueInLoop([&running] { running.Add(); });
    running.Await(2);
  }

  // The loops and all that is on them are gone.
  void EndLoops() {
    a_.reset();
    b_.reset();
  }
  EventLoop* a() { return a_->loop(); }
  EventLoop* b() { return b_->loop(); }

  EventCount ended_;
  std::unique_ptr<EventLoopThread> a_ = StartLoopThread();
  std::unique_ptr<EventLoopThread> b_ = StartLoopThread();
};

TEST_F(ResumeOnTest, GoesOnOnTheOtherLoopAndBack) {
  static constexpr auto kBody = [](EventLoop* a, EventLoop* b,
                                   EventCount* ended) -> Task<> {
    EXPECT_TRUE(a->IsInCallback());
    co_await ResumeOn(b);
    EXPECT_TRUE(b->IsInCallback());
    EXPECT_TRUE(co_await SleepFor(absl::ZeroDuration()));
    EXPECT_TRUE(b->IsInCallback());
    co_await ResumeOn(a);
    EXPECT_TRUE(a->IsInCallback());
    ended->Add();
  };
  Spawn(a(), kBody(a(), b(), &ended_));
  ended_.Await(1);
}

TEST_F(ResumeOnTest, OnItsOwnLoopItGoesOnAtOnce) {
  static constexpr auto kBody = [](EventLoop* loop, bool* done) -> Task<> {
    co_await ResumeOn(loop);
    *done = true;
  };
  a()->RunAndWait([this] {
    bool done = false;
    Spawn(a(), kBody(a(), &done));
    EXPECT_TRUE(done);
  });
}

// The frames that await one that moves go with it.
TEST_F(ResumeOnTest, ACalledTaskTakesItsCallerAlong) {
  static constexpr auto kMove = [](EventLoop* to) -> Task<int> {
    co_await ResumeOn(to);
    co_return 7;
  };
  static constexpr auto kBody = [](EventLoop* b, decltype(kMove) move,
                                   EventCount* ended) -> Task<> {
    EXPECT_EQ(co_await move(b), 7);
    EXPECT_TRUE(b->IsInCallback());
    ended->Add();
  };
  Spawn(a(), kBody(b(), kMove, &ended_));
  ended_.Await(1);
}

TEST_F(ResumeOnTest, TheEndIsToldWhereItIs) {
  static constexpr auto kBody = [](EventLoop* b) -> Task<> {
    co_await ResumeOn(b);
  };
  Spawn(a(), kBody(b()), {.on_end = [this](std::exception_ptr thrown) {
          EXPECT_EQ(thrown, nullptr);
          EXPECT_TRUE(b()->IsInCallback());
          ended_.Add();
        }});
  ended_.Await(1);
}

TEST_F(ResumeOnTest, AStoppedTaskMovesAllTheSameAndKnowsThere) {
  static constexpr auto kBody = [](EventLoop* a, EventLoop* b,
                                   EventCount* ended) -> Task<> {
    EXPECT_FALSE(co_await SleepFor(absl::InfiniteDuration()));
    co_await ResumeOn(b);
    EXPECT_TRUE(b->IsInCallback());
    EXPECT_FALSE(co_await SleepFor(absl::InfiniteDuration()));
    co_await ResumeOn(a);
    EXPECT_TRUE(a->IsInCallback());
    ended->Add();
  };
  std::stop_source stop;
  Spawn(a(), kBody(a(), b(), &ended_), {.stop = stop.get_token()});
  stop.request_stop();
  ended_.Await(1);
}

TEST_F(ResumeOnTest, AStopThatComesWhileItIsOnItsWayIsHeardOnArrival) {
  static constexpr auto kBody = [](EventLoop* b, EventCount* left,
                                   EventCount* ended) -> Task<> {
    left->Add();
    co_await ResumeOn(b);
    EXPECT_FALSE(co_await SleepFor(absl::InfiniteDuration()));
    ended->Add();
  };
  std::stop_source stop;
  EventCount left;
  EventCount go;
  b()->QueueInLoop([&] { go.Await(1); });  // it cannot arrive yet
  Spawn(a(), kBody(b(), &left, &ended_), {.stop = stop.get_token()});
  left.Await(1);
  a()->RunAndWait([] {});
  stop.request_stop();
  go.Add();
  ended_.Await(1);
}

// --- Loops that end. ---------------------------------------------------------

Task<> MoveAndFail(EventLoop* to, std::shared_ptr<void>) {
  co_await ResumeOn(to);
  ADD_FAILURE() << "resumed on a loop that has ended";
}

TEST_F(ResumeOnTest, ALoopThatHasEndedDestroysTheTask) {
  std::unique_ptr<EventLoop> ended = NewLoop();
  ended->Stop();
  ended->Run();
  const auto frame = std::make_shared<int>();
  Spawn(a(), MoveAndFail(ended.get(), frame),
        {.on_end = [](auto) { ADD_FAILURE() << "it has not ended"; }});
  a()->RunAndWait([] {});
  EndLoops();
  // It is on no thread's stack, but in that loop's mailbox, at most.
  ended.reset();
  EXPECT_EQ(frame.use_count(), 1);
}

TEST_F(ResumeOnTest, ALoopThatEndsWithTheTaskOnItsWayDestroysIt) {
  std::unique_ptr<EventLoop> never_run = NewLoop();
  const auto frame = std::make_shared<int>();
  std::stop_source stop;
  Spawn(a(), MoveAndFail(never_run.get(), frame), {.stop = stop.get_token()});
  a()->RunAndWait([] {});
  EXPECT_EQ(frame.use_count(), 2);
  stop.request_stop();
  never_run.reset();
  EXPECT_EQ(frame.use_count(), 1);
  stop.request_stop();
}

TEST_F(ResumeOnTest, ALoopThatEndsWithTheTaskOnItDestroysIt) {
  static constexpr auto kBody = [](EventLoop* b, EventCount* ended,
                                   std::shared_ptr<void>) -> Task<> {
    co_await ResumeOn(b);
    ended->Add();
    (void)co_await SleepFor(absl::InfiniteDuration());
    ADD_FAILURE() << "resumed by the end of the loop";
  };
  const auto frame = std::make_shared<int>();
  std::stop_source stop;
  Spawn(a(), kBody(b(), &ended_, frame), {.stop = stop.get_token()});
  ended_.Await(1);
  b_.reset();
  EXPECT_EQ(frame.use_count(), 1);
  stop.request_stop();
  a()->RunAndWait([] {});
}

TEST_F(ResumeOnTest, ATaskOfAScopeMayNotMove) {
  EXPECT_DEATH(
      {
        const std::unique_ptr<EventLoop> one = NewLoop();
        const std::unique_ptr<EventLoop> other = NewLoop();
        TaskScope scope(one.get());
        scope.Spawn(MoveAndFail(other.get(), nullptr));
      },
      "stays on its loop");
}

// --- Many, with everything at once. ------------------------------------------

Task<> Hop(EventLoop* a, EventLoop* b, int times) {
  for (int i = 0; i < times; ++i) {
    co_await ResumeOn(b);
    EXPECT_TRUE(b->IsInLoopThread());
    co_await ResumeOn(a);
    EXPECT_TRUE(a->IsInLoopThread());
  }
}

TEST_F(ResumeOnTest, AHundredThousandHops) {
  constexpr int kTasks = 10;
  const int hops_of_each = Scaled(100'000) / kTasks / 2;
  for (int i = 0; i < kTasks; ++i) {
    Spawn(a(), Hop(a(), b(), hops_of_each),
          {.on_end = [this](std::exception_ptr) { ended_.Add(); }});
  }
  ended_.Await(kTasks);
}

// Hops until it hears of its stop.
Task<> HopUntilStopped(EventLoop* a, EventLoop* b, std::shared_ptr<void>) {
  bool slept = true;
  while (slept) {
    co_await ResumeOn(b);
    co_await ResumeOn(a);
    slept = co_await SleepFor(absl::ZeroDuration());
  }
}

TEST_F(ResumeOnTest, StopsFollowTasksThatHop) {
  constexpr int kThreads = 3;
  const int rounds = Scaled(400);
  const auto frame = std::make_shared<int>();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < rounds; ++i) {
          std::stop_source stop;
          Spawn(i % 2 == 0 ? a() : b(), HopUntilStopped(a(), b(), frame),
                {.stop = stop.get_token(),
                 .on_end = [this](std::exception_ptr) { ended_.Add(); }});
          if (i % 3 == 0) std::this_thread::yield();
          stop.request_stop();
        }
      });
    }
  }
  ended_.Await(kThreads * rounds);
  EndLoops();
  EXPECT_EQ(frame.use_count(), 1);
}

// Both have to be there until neither sends tasks to the other.
TEST_F(ResumeOnTest, LoopsMayEndWhileTasksHopAndAreStopped) {
  for (int round = 0; round < 20; ++round) {
    std::unique_ptr<EventLoop> a = NewLoop();
    std::unique_ptr<EventLoop> b = NewLoop();
    std::vector<std::stop_source> stops(20);
    const auto frame = std::make_shared<int>();
    for (std::stop_source& stop : stops) {
      Spawn(a.get(), HopUntilStopped(a.get(), b.get(), frame),
            {.stop = stop.get_token()});
    }
    {
      const std::jthread run_a([&] { a->Run(); });
      const std::jthread run_b([&] { b->Run(); });
      for (std::stop_source& stop : stops) stop.request_stop();
      a->Stop();
      b->Stop();
    }
    a.reset();
    b.reset();
    EXPECT_EQ(frame.use_count(), 1);
  }
}

}  // namespace
}  // namespace rondo
