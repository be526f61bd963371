// The turn, tasks, interest and locals. Timers: event_loop_timer_test.cc; the
// end: event_loop_stop_test.cc; several threads: event_loop_threads_test.cc.
#include "net/reactor/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "base/thread.h"
#include "net/reactor/loop_local.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Log = std::vector<std::string>;

TEST(EventLoopTest, UnknownPollerIsRefusedWithTheAllowedOnes) {
  const auto loop = EventLoop::Create({.poller = "kqueue"});
  EXPECT_EQ(loop.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(loop.status().message()),
              AllOf(HasSubstr("kqueue"), HasSubstr("epoll"), HasSubstr("poll"),
                    HasSubstr("select")));
}

TEST(EventLoopTest, NamesItsPoller) {
  for (const char* name : {"epoll", "poll", "select"}) {
    EXPECT_EQ(NewLoop({.poller = name})->poller_name(), name);
  }
}

// Logs each step 7.
struct FlushLog : LoopLocal {
  explicit FlushLog(EventLoop*) {}
  void FlushTurn() override {
    if (log != nullptr) log->push_back("flush");
  }
  Log* log = nullptr;
};

// Everything below is made ready in one turn, in another order, and happens in
// the next one.
TEST(EventLoopTest, ATurnTakesItsStepsInOrder) {
  const auto loop = NewLoop();
  const FdPair pair = UnixPair();
  Log log;
  RecordingChannel channel(*loop, pair.a, IoEvents::kReadable, [&] {
    Drain(pair.a);
    log.push_back("channel");
    loop->DeferDelete(std::make_unique<std::shared_ptr<void>>(
        OnDestroy([&log] { log.push_back("destroyed"); })));
  });
  RunSteps(*loop, [&] {
    loop->QueueInLoop([&log] { log.push_back("task"); });
    loop->RunAfter(absl::ZeroDuration(), [&log] { log.push_back("timer"); });
    Write(pair.b, "x");
    loop->QueueInLoop([&] { loop->Local<FlushLog>().log = &log; });
  });
  loop->Local<FlushLog>().log = nullptr;
  ASSERT_GE(log.size(), 5u);
  log.resize(5);
  EXPECT_THAT(log,
              ElementsAre("channel", "timer", "task", "flush", "destroyed"));
}

TEST(EventLoopTest, TasksPostedBeforeRunRunInOrder) {
  const auto loop = NewLoop();
  std::vector<int> order;
  for (int i : {1, 2, 3}) {
    loop->QueueInLoop([&order, i] { order.push_back(i); });
  }
  EXPECT_THAT(order, IsEmpty());
  loop->Stop();
  loop->Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoopTest, TasksOfAnotherThreadPostedBeforeRunRun) {
  const auto loop = NewLoop();
  std::vector<int> order;
  NewThread("poster", [&] {
    for (int i : {1, 2, 3}) {
      loop->QueueInLoop([&order, i] { order.push_back(i); });
    }
    loop->Stop();
  }).Join();
  loop->Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoopTest, RunInLoopIsInlineOnTheLoopAndQueuedElsewhere) {
  const auto loop = NewLoop();
  std::thread::id ran_on;
  const auto note = [&ran_on] { ran_on = std::this_thread::get_id(); };
  RunSteps(
      *loop,
      [&] {
        loop->RunInLoop(note);
        EXPECT_EQ(ran_on, std::this_thread::get_id());
        ran_on = {};
        NewThread("other", [&] { loop->RunInLoop(note); }).Join();
        EXPECT_EQ(ran_on, std::thread::id()) << "not on the other thread";
      },
      [] {},  // two threads' tasks have no order
      [&] { EXPECT_EQ(ran_on, std::this_thread::get_id()); });
}

TEST(EventLoopTest, QueueInLoopIsNeverInline) {
  const auto loop = NewLoop();
  bool ran = false;
  RunSteps(
      *loop,
      [&] {
        loop->QueueInLoop([&ran] { ran = true; });
        EXPECT_FALSE(ran);
      },
      [&] { EXPECT_TRUE(ran); });
}

TEST(EventLoopTest, IsInLoopThreadFollowsRun) {
  const auto loop = NewLoop();
  EXPECT_TRUE(loop->IsInLoopThread());  // its maker's
  bool inside = false;
  loop->QueueInLoop([&] {
    inside = loop->IsInLoopThread();
    loop->Stop();
  });
  NewThread("runner", [&] { loop->Run(); }).Join();
  EXPECT_TRUE(inside);
  EXPECT_FALSE(loop->IsInLoopThread());
}

TEST(EventLoopTest, ATaskIsDestroyedBeforeTheNextRuns) {
  const auto loop = NewLoop();
  Log log;
  for (const char* name : {"a", "b"}) {
    loop->QueueInLoop([&log, name, token = OnDestroy([&log, name] {
                                     log.push_back(std::string("~") + name);
                                   })] { log.push_back(name); });
  }
  RunTurns(*loop, 1);
  EXPECT_THAT(log, ElementsAre("a", "~a", "b", "~b"));
}

// Counts what happens between two flushes, where anything does.
struct PerTurn : LoopLocal {
  explicit PerTurn(EventLoop*) {}
  void FlushTurn() override {
    if (count > 0) turns.push_back(std::exchange(count, 0));
  }
  int count = 0;
  std::vector<int> turns;
};

TEST(EventLoopTest, TasksBeyondTheBudgetWaitForTheNextTurnInOrder) {
  const auto loop = NewLoop({.max_tasks_per_turn = 3});
  std::vector<int> order;
  PerTurn& per_turn = loop->Local<PerTurn>();
  for (int i = 0; i < 8; ++i) {
    loop->QueueInLoop([&order, &per_turn, i] {
      order.push_back(i);
      ++per_turn.count;
    });
  }
  loop->Stop();
  loop->Run();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(per_turn.turns, ElementsAre(3, 3, 2));
}

TEST(EventLoopTest, SelfRepostingTaskStarvesNeitherTimersNorChannels) {
  const auto loop = NewLoop({.max_tasks_per_turn = 2});
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  std::function<void()> again = [&] { loop->QueueInLoop(again); };
  again();
  again();
  again();
  bool timer_ran = false;
  loop->RunAfter(absl::Microseconds(1), [&] { timer_ran = true; });
  RecordingChannel channel(*loop, pair.a, IoEvents::kReadable, [&] {
    Drain(pair.a);
    loop->RunAfter(absl::Microseconds(1), [&] { loop->Stop(); });
  });
  loop->Run();
  EXPECT_TRUE(timer_ran);
}

TEST(EventLoopTest, SelfRepostingTaskRunsOnceATurn) {
  const auto loop = NewLoop();
  PerTurn& per_turn = loop->Local<PerTurn>();
  std::function<void()> again = [&] {
    ++per_turn.count;
    loop->QueueInLoop(again);
  };
  again();
  RunTurns(*loop, 5);
  EXPECT_THAT(per_turn.turns, ::testing::Contains(1).Times(::testing::Ge(5)));
  EXPECT_THAT(per_turn.turns, ::testing::Each(::testing::Le(2)));  // the first
}

// Spins until the real clock has moved past `t`.
void WaitPast(MonotonicTime t) {
  while (Clock::Real().Now() <= t) {
  }
}

TEST(EventLoopTest, NowStandsStillWithinATurnAndMovesBetweenTurns) {
  const auto loop = NewLoop();
  MonotonicTime first;
  MonotonicTime second;
  const auto expect_frozen = [&](MonotonicTime t) {
    WaitPast(t + absl::Microseconds(10));
    EXPECT_EQ(loop->now(), t);
  };
  RunSteps(
      *loop,
      [&] {
        expect_frozen(first = loop->now());
        loop->RunAfter(absl::ZeroDuration(),
                       [&] { expect_frozen(second = loop->now()); });
      },
      [&] {
        EXPECT_EQ(loop->now(), second);
        EXPECT_GT(second, first);
      });
}

TEST(EventLoopTest, NowBeforeRunIsTheClocks) {
  FakeClock clock;
  const auto loop = NewLoop({.clock = &clock});
  EXPECT_EQ(loop->now(), clock.Now());
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(loop->now(), clock.Now());
}

struct Counter : LoopLocal {
  explicit Counter(EventLoop* l) : loop(l) { ++made; }
  ~Counter() override { ++destroyed; }
  EventLoop* const loop;
  int value = 0;
  static inline int made = 0;
  static inline int destroyed = 0;
};

TEST(EventLoopLocalTest, IsMadeOncePerLoopAndDestroyedWithIt) {
  Counter::made = Counter::destroyed = 0;
  auto loop = NewLoop();
  const auto other = NewLoop();
  loop->Local<Counter>().value = 7;
  EXPECT_EQ(loop->Local<Counter>().value, 7);
  EXPECT_EQ(loop->Local<Counter>().loop, loop.get());
  EXPECT_EQ(other->Local<Counter>().value, 0);
  EXPECT_EQ(loop->Local<PerTurn>().count, 0);  // another type, another object
  EXPECT_EQ(loop->Local<Counter>().value, 7);
  EXPECT_EQ(Counter::made, 2);
  loop.reset();
  EXPECT_EQ(Counter::destroyed, 1);
}

// Wants `more` further turns, and makes another local while it is flushed.
struct Greedy : LoopLocal {
  explicit Greedy(EventLoop* l) : loop(l) {}
  void FlushTurn() override {
    loop->Local<Counter>();
    ++flushes;
    if (more-- > 0) {
      loop->FlushSoon();
    } else {
      loop->Stop();
    }
  }
  EventLoop* const loop;
  int more = 3;
  int flushes = 0;
};

TEST(EventLoopLocalTest, WhoHasMoreToFlushGetsAnotherTurnWithoutAWait) {
  const auto loop = NewLoop();
  Greedy& greedy = loop->Local<Greedy>();
  loop->QueueInLoop([] {});  // the first turn has something to do
  loop->Run();
  EXPECT_GE(greedy.flushes, 1 + 3);
}

class DeferDeleteTest : public ::testing::Test {
 protected:
  std::unique_ptr<std::shared_ptr<void>> Logging(const char* name) {
    return std::make_unique<std::shared_ptr<void>>(
        OnDestroy([this, name] { log_.push_back(name); }));
  }

  Log log_;
  std::unique_ptr<EventLoop> loop_ = NewLoop();
};

TEST_F(DeferDeleteTest, DestroysAtTheEndOfTheTurn) {
  RunSteps(
      *loop_,
      [&] {
        loop_->DeferDelete(Logging("a"));
        EXPECT_THAT(log_, IsEmpty());
      },
      [&] { EXPECT_THAT(log_, ElementsAre("a")); });
}

TEST_F(DeferDeleteTest, BeforeRunItNeedsNothingElseToHappen) {
  loop_->DeferDelete(Logging("a"));
  loop_->RunAfter(absl::ZeroDuration(), [this] { loop_->Stop(); });
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("a"));
}

TEST_F(DeferDeleteTest, DestructorsMayDeferMore) {
  RunSteps(
      *loop_,
      [&] {
        loop_->DeferDelete(std::make_unique<std::shared_ptr<void>>(
            OnDestroy([this] { loop_->DeferDelete(Logging("inner")); })));
      },
      [&] { EXPECT_THAT(log_, ElementsAre("inner")); });
}

// While nobody is in Run(), RunAndWait() destroys what it has deferred; also
// where it is called by what is being destroyed so.
TEST_F(DeferDeleteTest, RunAndWaitOutsideRunDestroysAndMayNest) {
  loop_->RunAndWait([this] {
    loop_->DeferDelete(
        std::make_unique<std::shared_ptr<void>>(OnDestroy([this] {
          loop_->RunAndWait([this] { loop_->DeferDelete(Logging("inner")); });
          log_.push_back("outer");
        })));
    loop_->DeferDelete(Logging("second"));
  });
  EXPECT_THAT(log_,
              ::testing::UnorderedElementsAre("outer", "second", "inner"));
}

TEST_F(DeferDeleteTest, ALoopThatNeverRanDestroysItToo) {
  loop_->DeferDelete(Logging("a"));
  loop_.reset();
  EXPECT_THAT(log_, ElementsAre("a"));
}

}  // namespace
}  // namespace rondo
