#include "net/coro/spawn.h"

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "net/coro/resume_on.h"
#include "net/coro/sleep.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

Task<> Append(std::string* to, std::string what) {
  to->append(what);
  co_return;
}
Task<> WaitForEver(std::shared_ptr<void>) {
  (void)co_await SleepFor(absl::InfiniteDuration());
}
Task<> MustNotBegin(std::shared_ptr<void>) {
  ADD_FAILURE() << "it was not to begin";
  co_return;
}

TEST(SpawnTest, FromACallbackItBeginsAtOnce) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  std::string log;
  RunSteps(*loop, [&] {
    Spawn(loop.get(), Append(&log, "task "));
    log.append("spawner");
  });
  EXPECT_EQ(log, "task spawner");
}

TEST(SpawnTest, BeforeRunItBeginsInRun) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  std::string log;
  Spawn(loop.get(), Append(&log, "first "));
  Spawn(loop.get(), Append(&log, "second"));
  EXPECT_EQ(log, "");
  RunTurns(*loop, 1);
  EXPECT_EQ(log, "first second");
}

TEST(SpawnTest, FromAnotherThreadItRunsOnTheLoop) {
  static constexpr auto kBody = [](EventLoop* loop,
                                   EventCount* ended) -> Task<> {
    EXPECT_TRUE(loop->IsInCallback());
    ended->Add();
    co_return;
  };
  EventCount ended;
  const std::unique_ptr<EventLoopThread> thread = StartLoopThread();
  for (int i = 0; i < 10; ++i) {
    Spawn(thread->loop(), kBody(thread->loop(), &ended));
  }
  ended.Await(10);
}

TEST(SpawnTest, OnALoopThatHasEndedItIsDestroyed) {
  std::unique_ptr<EventLoop> loop = NewLoop();
  RunTurns(*loop, 1);
  const auto frame = std::make_shared<int>();
  Spawn(loop.get(), MustNotBegin(frame), {.on_end = [](std::exception_ptr) {
          ADD_FAILURE() << "it has not ended";
        }});
  loop.reset();
  EXPECT_EQ(frame.use_count(), 1);
}

TEST(SpawnTest, OnALoopThatNeverRunsItIsDestroyed) {
  std::unique_ptr<EventLoop> loop = NewLoop();
  const auto frame = std::make_shared<int>();
  std::stop_source stop;
  Spawn(loop.get(), MustNotBegin(frame), {.stop = stop.get_token()});
  stop.request_stop();
  loop.reset();
  EXPECT_EQ(frame.use_count(), 1);
}

// What on_end captures goes with the task.
TEST(SpawnTest, AtTheLoopsEndItIsDestroyedAndTellsNobody) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  const auto frame = std::make_shared<int>();
  const auto captured = std::make_shared<int>();
  RunSteps(*loop, [&] {
    Spawn(loop.get(), WaitForEver(frame),
          {.on_end = [captured](std::exception_ptr) {
            ADD_FAILURE() << "it has not ended";
          }});
    EXPECT_EQ(frame.use_count(), 2);
  });
  EXPECT_EQ(frame.use_count(), 1);
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(SpawnTest, AtTheLoopsEndOneThatSpawnsWhileItIsDestroyedIsDestroyedToo) {
  struct SpawnsInItsEnd {
    EventLoop* loop;
    std::shared_ptr<void> frame;
    ~SpawnsInItsEnd() { Spawn(loop, WaitForEver(std::move(frame))); }
  };
  static constexpr auto kBody = [](EventLoop* loop,
                                   std::shared_ptr<void> frame) -> Task<> {
    const SpawnsInItsEnd object = {loop, std::move(frame)};
    (void)co_await SleepFor(absl::InfiniteDuration());
  };
  const std::unique_ptr<EventLoop> loop = NewLoop();
  const auto frame = std::make_shared<int>();
  RunSteps(*loop, [&] { Spawn(loop.get(), kBody(loop.get(), frame)); });
  EXPECT_EQ(frame.use_count(), 1);
}

TEST(SpawnTest, OnEndHearsOnceTheFrameIsGone) {
  static constexpr auto kThrow = [](std::shared_ptr<void>) -> Task<> {
    throw std::runtime_error("thrown");
    co_return;
  };
  const std::unique_ptr<EventLoop> loop = NewLoop();
  const auto frame = std::make_shared<int>();
  std::string what;
  RunSteps(*loop, [&] {
    Spawn(loop.get(), kThrow(frame), {.on_end = [&](std::exception_ptr e) {
            EXPECT_EQ(frame.use_count(), 1);
            try {
              std::rethrow_exception(e);
            } catch (const std::runtime_error& error) {
              what = error.what();
            }
          }});
  });
  EXPECT_EQ(what, "thrown");
}

TEST(SpawnTest, AnExceptionThatNobodyHearsOfIsLogged) {
  static constexpr auto kThrow = [](bool standard) -> Task<> {
    if (standard) throw std::runtime_error("logged");
    throw 7;
    co_return;
  };
  const std::unique_ptr<EventLoop> loop = NewLoop();
  RunSteps(*loop, [&] {
    Spawn(loop.get(), kThrow(true));
    Spawn(loop.get(), kThrow(false));
  });
}

// --- Stops. ------------------------------------------------------------------

Task<> LogSleep(std::string* log) {
  log->append(co_await SleepFor(absl::InfiniteDuration()) ? "slept"
                                                          : "stopped");
}

TEST(SpawnTest, StoppedBeforeItIsSpawnedItNeedNotWait) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  std::stop_source stop;
  stop.request_stop();
  std::string log;
  RunSteps(*loop, [&] {
    Spawn(loop.get(), LogSleep(&log), {.stop = stop.get_token()});
    EXPECT_EQ(log, "stopped");
  });
}

TEST(SpawnTest, StoppedBeforeItBeginsItNeedNotWait) {
  const std::unique_ptr<EventLoop> loop = NewLoop();
  std::stop_source stop;
  std::string log;
  Spawn(loop.get(), LogSleep(&log), {.stop = stop.get_token()});
  stop.request_stop();
  RunSteps(*loop, [&] { EXPECT_EQ(log, "stopped"); });
}

TEST(SpawnTest, AStopMayComeFromTheTaskItself) {
  static constexpr auto kBody = [](std::stop_source stop,
                                   std::string* log) -> Task<> {
    stop.request_stop();
    log->append(co_await SleepFor(absl::InfiniteDuration()) ? "slept"
                                                            : "stopped");
  };
  const std::unique_ptr<EventLoop> loop = NewLoop();
  std::stop_source stop;
  std::string log;
  RunSteps(
      *loop,
      [&] { Spawn(loop.get(), kBody(stop, &log), {.stop = stop.get_token()}); },
      [] {});
  EXPECT_EQ(log, "stopped");
}

TEST(SpawnTest, OneStopIsForMany) {
  constexpr int kTasks = 100;
  EventCount ended;
  std::stop_source stop;
  const std::unique_ptr<EventLoopThread> thread = StartLoopThread();
  for (int i = 0; i < kTasks; ++i) {
    Spawn(thread->loop(), WaitForEver(nullptr),
          {.stop = stop.get_token(),
           .on_end = [&](std::exception_ptr) { ended.Add(); }});
  }
  stop.request_stop();
  ended.Await(kTasks);
}

// Tasks that end by themselves just when they are stopped.
TEST(SpawnTest, StopsAndEndsMayMeet) {
  static constexpr auto kBody = [](int sleeps) -> Task<> {
    for (int i = 0; i < sleeps; ++i) {
      (void)co_await SleepFor(absl::ZeroDuration());
    }
  };
  const int rounds = Scaled(2'000);
  EventCount ended;
  const std::unique_ptr<EventLoopThread> thread = StartLoopThread();
  for (int i = 0; i < rounds; ++i) {
    std::stop_source stop;
    Spawn(thread->loop(), kBody(i % 4),
          {.stop = stop.get_token(),
           .on_end = [&](std::exception_ptr) { ended.Add(); }});
    if (i % 2 == 0) std::this_thread::yield();
    stop.request_stop();
  }
  ended.Await(rounds);
}

// Threads that spawn and stop on a loop that ends meanwhile.
TEST(SpawnTest, TheLoopMayEndMeanwhile) {
  for (int round = 0; round < 20; ++round) {
    const auto frame = std::make_shared<int>();
    std::unique_ptr<EventLoop> loop = NewLoop();
    {
      const std::jthread runner([&] { loop->Run(); });
      const std::jthread spawner([&] {
        for (int i = 0; i < 50; ++i) {
          std::stop_source stop;
          Spawn(loop.get(), WaitForEver(frame), {.stop = stop.get_token()});
          if (i % 2 == 0) stop.request_stop();
        }
      });
      loop->Stop();
    }
    loop.reset();
    EXPECT_EQ(frame.use_count(), 1);
  }
}

}  // namespace
}  // namespace rondo
