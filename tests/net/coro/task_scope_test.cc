#include "net/coro/task_scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/coro/async_event.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

class TaskScopeTest : public ::testing::Test {
 protected:
  Step Set(AsyncEvent& event) {
    return [&event] { event.Set(); };
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncEvent event_;
  std::string log_;
};

Task<> WaitAndThrow(AsyncEvent* event, std::string what) {
  (void)co_await event->Wait();
  throw std::runtime_error(what);
}

Task<> WaitAndLog(AsyncEvent* event, std::string what, std::string* log) {
  const bool came = co_await event->Wait();
  if (!came) what = "stopped";
  log->append(what + ";");
}

// Logs what it throws.
Task<> Join(TaskScope* scope, std::string* log) {
  try {
    co_await scope->Join();
    log->append("joined;");
  } catch (const std::runtime_error& e) {
    log->append(std::string(e.what()) + ";");
  }
}

TEST_F(TaskScopeTest, JoinOfNothingIsDoneAtOnce) {
  TaskScope scope(loop_.get());
  RunSteps(*loop_, [&] {
    Spawn(loop_.get(), Join(&scope, &log_));
    EXPECT_EQ(log_, "joined;");
  });
}

TEST_F(TaskScopeTest, JoinWaitsForTheLastToEnd) {
  AsyncEvent other;
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope.Spawn(WaitAndLog(&event_, "a", &log_));
        scope.Spawn(WaitAndLog(&other, "b", &log_));
        EXPECT_EQ(scope.size(), 2u);
        Spawn(loop_.get(), Join(&scope, &log_));
      },
      Set(other), Nothing(), [&] { EXPECT_EQ(log_, "b;"); }, Set(event_),
      Nothing(), Nothing());
  EXPECT_EQ(log_, "b;a;joined;");
}

TEST_F(TaskScopeTest, AnExceptionReachesJoinOnce) {
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope.Spawn(WaitAndThrow(&event_, "first"));
        scope.Spawn(WaitAndThrow(&event_, "second, which is logged"));
        Spawn(loop_.get(), Join(&scope, &log_));
      },
      Set(event_), Nothing(), Nothing(),
      [&] { Spawn(loop_.get(), Join(&scope, &log_)); });
  EXPECT_EQ(log_, "first;joined;");
}

TEST_F(TaskScopeTest, AnExceptionThatCameBeforeReachesJoinToo) {
  TaskScope scope(loop_.get());
  event_.Set();
  RunSteps(*loop_, [&] {
    scope.Spawn(WaitAndThrow(&event_, "before"));
    EXPECT_EQ(scope.size(), 0u);
    Spawn(loop_.get(), Join(&scope, &log_));
  });
  EXPECT_EQ(log_, "before;");
}

TEST_F(TaskScopeTest, AnExceptionThatNobodyJoinsIsNoFault) {
  event_.Set();
  TaskScope scope(loop_.get());
  RunSteps(*loop_, [&] { scope.Spawn(WaitAndThrow(&event_, "logged")); });
}

TEST_F(TaskScopeTest, AStopIsForThoseThatAreThere) {
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope.Spawn(WaitAndLog(&event_, "a", &log_));
        scope.RequestStop();
        scope.Spawn(WaitAndLog(&event_, "b", &log_));
      },
      Nothing(), Set(event_), Nothing());
  EXPECT_EQ(log_, "stopped;b;");
}

// One that is asked to stop while it joins joins all the same.
Task<> JoinInside(EventLoop* loop, AsyncEvent* event, std::string* log) {
  TaskScope scope(loop);
  scope.Spawn(WaitAndLog(event, "inner", log));
  co_await Join(&scope, log);
  log->append("outer;");
}

TEST_F(TaskScopeTest, NestedTheInnerEndsBeforeTheOuter) {
  TaskScope scope(loop_.get());
  RunSteps(
      *loop_, [&] { scope.Spawn(JoinInside(loop_.get(), &event_, &log_)); },
      [&] {
        scope.RequestStop();
        EXPECT_EQ(log_, "");
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "stopped;joined;outer;");
}

TEST_F(TaskScopeTest, NestedAllGoWithTheOuter) {
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_, [&] { scope->Spawn(JoinInside(loop_.get(), &event_, &log_)); },
      [&] {
        scope.reset();
        event_.Set();
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "");
}

// --- Destroyed by one of its own. --------------------------------------------

Task<> DestroyScope(std::optional<TaskScope>* scope, AsyncEvent* event,
                    std::shared_ptr<void>, std::string* log) {
  (void)co_await event->Wait();
  scope->reset();
  log->append("goes on;");
  (void)co_await SleepFor(absl::ZeroDuration());
  ADD_FAILURE() << "resumed";
}

TEST_F(TaskScopeTest, ATaskThatDestroysItGoesWhenItNextWaits) {
  const auto frame = std::make_shared<int>();
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(
      *loop_,
      [&] {
        scope->Spawn(DestroyScope(&scope, &event_, frame, &log_));
        scope->Spawn(WaitAndLog(&event_, "other", &log_));
        EXPECT_EQ(frame.use_count(), 2);
      },
      Set(event_), Nothing(), [&] { EXPECT_EQ(frame.use_count(), 1); },
      Nothing());
  EXPECT_EQ(log_, "goes on;");
}

TEST_F(TaskScopeTest, ATaskMayDestroyItBeforeItFirstWaits) {
  const auto frame = std::make_shared<int>();
  std::optional<TaskScope> scope(loop_.get());
  event_.Set();
  RunSteps(
      *loop_,
      [&] {
        scope->Spawn(DestroyScope(&scope, &event_, frame, &log_));
        EXPECT_EQ(frame.use_count(), 1);
      },
      Nothing(), Nothing());
  EXPECT_EQ(log_, "goes on;");
}

TEST_F(TaskScopeTest, ATaskThatDestroysItMayEndInsteadOfWaiting) {
  static constexpr auto kBody = [](std::optional<TaskScope>* scope,
                                   std::string* log) -> Task<> {
    scope->reset();
    log->append("ends;");
    co_return;
  };
  std::optional<TaskScope> scope(loop_.get());
  RunSteps(*loop_, [&] { scope->Spawn(kBody(&scope, &log_)); });
  EXPECT_EQ(log_, "ends;");
}

// An object that its own task keeps alive.
struct Session {
  explicit Session(EventLoop* loop) : scope(loop) {}
  TaskScope scope;
};

TEST_F(TaskScopeTest, ATaskMayOwnItByAParameter) {
  static constexpr auto kBody = [](std::shared_ptr<Session>,
                                   AsyncEvent* event) -> Task<> {
    (void)co_await event->Wait();
  };
  std::weak_ptr<Session> weak;
  RunSteps(
      *loop_,
      [&] {
        const auto session = std::make_shared<Session>(loop_.get());
        weak = session;
        session->scope.Spawn(kBody(session, &event_));
      },
      Nothing(), [&] { EXPECT_FALSE(weak.expired()); }, Set(event_), Nothing());
  EXPECT_TRUE(weak.expired());
}

TEST_F(TaskScopeTest, ATaskMayOwnItByAParameterAndThrow) {
  static constexpr auto kBody = [](std::shared_ptr<Session>) -> Task<> {
    throw std::runtime_error("logged");
    co_return;
  };
  std::weak_ptr<Session> weak;
  RunSteps(*loop_, [&] {
    auto session = std::make_shared<Session>(loop_.get());
    weak = session;
    TaskScope& scope = session->scope;
    Task<> task = kBody(session);
    session.reset();
    scope.Spawn(std::move(task));
  });
  EXPECT_TRUE(weak.expired());
}

TEST_F(TaskScopeTest, WhatIsSpawnedAfterTheJoinerWasStoppedIsStoppedToo) {
  static constexpr auto kSleep = []() -> Task<> {
    const bool slept = co_await SleepFor(absl::Hours(1));
    EXPECT_FALSE(slept);
  };
  static constexpr auto kSpawnLate = [](TaskScope* scope,
                                        Task<> late) -> Task<> {
    const bool slept = co_await SleepFor(absl::Hours(1));
    EXPECT_FALSE(slept);
    scope->Spawn(std::move(late));
  };
  static constexpr auto kJoin = [](EventLoop* loop, Task<> late,
                                   bool* joined) -> Task<> {
    TaskScope scope(loop);
    scope.Spawn(kSpawnLate(&scope, std::move(late)));
    co_await scope.Join();
    *joined = true;
  };
  const std::unique_ptr<EventLoop> loop = NewLoop();
  bool joined = false;
  {
    TaskScope outer(loop.get());
    RunSteps(
        *loop, [&] { outer.Spawn(kJoin(loop.get(), kSleep(), &joined)); },
        [&] { outer.RequestStop(); }, [] {}, [] {}, [] {});
    EXPECT_TRUE(joined);
  }
}

}  // namespace
}  // namespace rondo
