// Tasks that are running when they are destroyed, and what they still throw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "net/coro/async_event.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "net/coro/when_all.h"
#include "net/coro/when_any.h"
#include "net/coro/with_timeout.h"
#include "tests/net/reactor/warnings.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Scope = std::optional<TaskScope>;

// Destroys the scope that it is in, and throws.
Task<> DoomAndThrow(Scope* scope, AsyncEvent* before, std::string what) {
  (void)co_await before->Wait();
  scope->reset();
  throw std::runtime_error(what);
}
Task<> Throw(std::string what) {
  throw std::runtime_error(what);
  co_return;
}
Task<> WaitForEver() {
  (void)co_await SleepFor(absl::InfiniteDuration());
  ADD_FAILURE() << "resumed";
}

// What waits for `task` in one way or another, and must not go on.
Task<> Await(Task<> task) {
  co_await std::move(task);
  ADD_FAILURE() << "resumed";
}
Task<> AwaitAll(Task<> task) {
  (void)co_await WhenAll(WaitForEver(), std::move(task));
  ADD_FAILURE() << "resumed";
}
Task<> AwaitAny(Task<> task) {
  (void)co_await WhenAny(WaitForEver(), std::move(task));
  ADD_FAILURE() << "resumed";
}
Task<> AwaitSoLong(Task<> task) {
  (void)co_await WithTimeout(absl::Hours(1), std::move(task));
  ADD_FAILURE() << "resumed";
}

class DoomedTaskTest : public ::testing::Test {
 protected:
  // Runs `task` in the scope, and then lets the event happen. The loop lives.
  void Run(Task<> task) {
    bool lives = false;
    RunSteps(
        *loop_, [this, &task] { scope_->Spawn(std::move(task)); },
        [this] { event_.Set(); }, [] {}, [] {}, [&] { lives = true; });
    EXPECT_TRUE(lives);
    EXPECT_FALSE(scope_.has_value());
  }
  Task<> Doom(std::string what) {
    return DoomAndThrow(&scope_, &event_, std::move(what));
  }

  Warnings warnings_;
  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncEvent event_;
  Scope scope_{loop_.get()};
};

TEST_F(DoomedTaskTest, WhatItThrowsIsLogged) {
  Run(Doom("thrown"));
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("thrown")));
}

TEST_F(DoomedTaskTest, WhatItThrowsBeforeItFirstWaitsIsLogged) {
  event_.Set();
  Run(Doom("thrown"));
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("thrown")));
}

TEST_F(DoomedTaskTest, WhatItAwaitsAndThrowsIsLogged) {
  Run(Await(Await(Doom("thrown"))));
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("thrown")));
}

TEST_F(DoomedTaskTest, WhatItCatchesIsItsOwn) {
  static constexpr auto kCatch = [](Task<> task, std::string* what) -> Task<> {
    try {
      co_await std::move(task);
    } catch (const std::runtime_error& e) {
      *what = e.what();
    }
  };
  std::string what;
  Run(kCatch(Doom("caught"), &what));
  EXPECT_EQ(what, "caught");
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

TEST_F(DoomedTaskTest, WhatItsChildrenThrowIsLogged) {
  for (Task<> (*const await)(Task<>) : {AwaitAll, AwaitAny, AwaitSoLong}) {
    const std::unique_ptr<EventLoop> loop = NewLoop();
    AsyncEvent event;
    Scope scope(loop.get());
    RunSteps(
        *loop,
        [&] { scope->Spawn(await(DoomAndThrow(&scope, &event, "a child's"))); },
        [&] { event.Set(); }, [] {}, [] {});
    EXPECT_FALSE(scope.has_value());
    EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("a child's")));
  }
}

// The other child runs, and so the task that awaits both has not heard yet.
TEST_F(DoomedTaskTest, WhatAChildHadThrownBeforeIsLogged) {
  static constexpr auto kDoom = [](Scope* scope, AsyncEvent* before) -> Task<> {
    (void)co_await before->Wait();
    scope->reset();
  };
  static constexpr auto kBody = [](Task<> thrower, Task<> doomer) -> Task<> {
    (void)co_await WhenAll(std::move(doomer), std::move(thrower));
    ADD_FAILURE() << "resumed";
  };
  Run(kBody(Throw("before"), kDoom(&scope_, &event_)));
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("before")));
}

TEST_F(DoomedTaskTest, WhatAChildThrowsReachesWhoAwaitsItAndNoLog) {
  static constexpr auto kBody = [](std::string* what) -> Task<> {
    try {
      (void)co_await WhenAll(Throw("heard"));
    } catch (const std::runtime_error& e) {
      *what = e.what();
    }
  };
  std::string what;
  RunSteps(*loop_, [&] { scope_->Spawn(kBody(&what)); });
  EXPECT_EQ(what, "heard");
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

// An object that its own task keeps alive: destroyed by the frame's end.
TEST_F(DoomedTaskTest, WhatATaskThrowsThatOwnsItsScopeIsLogged) {
  static constexpr auto kBody = [](std::shared_ptr<TaskScope>) -> Task<> {
    throw std::runtime_error("an owner's");
    co_return;
  };
  RunSteps(*loop_, [this] {
    auto scope = std::make_shared<TaskScope>(loop_.get());
    TaskScope* const borrowed = scope.get();
    borrowed->Spawn(kBody(std::move(scope)));
  });
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("an owner's")));
}

// The scope's first exception, which nobody joins to hear, and the doomed one.
TEST_F(DoomedTaskTest, WhatOthersOfItsScopeHadThrownIsLoggedToo) {
  scope_->Spawn(Throw("first"));
  Run(Doom("second"));
  EXPECT_THAT(warnings_.Take(),
              ElementsAre(HasSubstr("first"), HasSubstr("second")));
}

TEST_F(DoomedTaskTest, IfItWaitsInsteadItGoesAndNothingIsLogged) {
  static constexpr auto kBody = [](Scope* scope,
                                   std::shared_ptr<void>) -> Task<> {
    scope->reset();
    co_await WaitForEver();
  };
  const auto frame = std::make_shared<int>();
  Run(kBody(&scope_, frame));
  EXPECT_EQ(frame.use_count(), 1);
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

}  // namespace
}  // namespace rondo
