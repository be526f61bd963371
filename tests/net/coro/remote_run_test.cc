// What becomes of a task on another loop that nobody waits for any more.
#include "net/coro/remote_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "net/coro/run_on.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/reactor/warnings.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Throws when it is stopped.
Task<> ThrowWhenStopped(EventCount* begun, EventCount* stopped) {
  begun->Add();
  const bool slept = co_await SleepFor(absl::InfiniteDuration());
  EXPECT_FALSE(slept);
  stopped->Add();
  throw std::runtime_error("stopped");
}
Task<> AwaitRun(EventLoop* remote, Task<> task) {
  (void)co_await RunOn(remote, std::move(task));
  ADD_FAILURE() << "resumed";
}

class RemoteRunTest : public ::testing::Test {
 protected:
  // Both loops end, and so all that is on its way between them.
  void EndLoops() {
    remote_.reset();
    home_.reset();
  }

  Task<> Throws() { return ThrowWhenStopped(&begun_, &stopped_); }

  Warnings warnings_;
  EventCount begun_;
  EventCount stopped_;
  std::unique_ptr<EventLoop> home_ = NewLoop();
  std::unique_ptr<EventLoopThread> remote_ = StartLoopThread();
};

TEST_F(RemoteRunTest, WhatItThrowsWhenItsWaiterWasDestroyedIsLogged) {
  std::optional<TaskScope> scope(home_.get());
  RunSteps(
      *home_, [&] { scope->Spawn(AwaitRun(remote_->loop(), Throws())); },
      [&] {
        begun_.Await(1);
        scope.reset();
      });
  stopped_.Await(1);
  EndLoops();
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("stopped")));
}

TEST_F(RemoteRunTest, WhatItThrowsWhenTheHomeLoopHasEndedIsLogged) {
  Spawn(home_.get(), AwaitRun(remote_->loop(), Throws()));
  RunSteps(
      *home_, [] {}, [this] { begun_.Await(1); });
  home_.reset();
  stopped_.Await(1);
  EndLoops();
  EXPECT_THAT(warnings_.Take(), ElementsAre(HasSubstr("stopped")));
}

TEST_F(RemoteRunTest, WhatItsWaiterHearsIsNotLogged) {
  static constexpr auto kBody = [](EventLoop* remote, Task<> task,
                                   std::string* what) -> Task<> {
    try {
      (void)co_await RunOn(remote, std::move(task));
    } catch (const std::runtime_error& e) {
      *what = e.what();
    }
  };
  std::string what;
  TaskScope scope(home_.get());
  RunSteps(
      *home_, [&] { scope.Spawn(kBody(remote_->loop(), Throws(), &what)); },
      [&] {
        begun_.Await(1);
        scope.RequestStop();
      },
      Until([&] { return !what.empty(); }));
  EndLoops();
  EXPECT_EQ(what, "stopped");
  EXPECT_THAT(warnings_.Take(), IsEmpty());
}

}  // namespace
}  // namespace rondo
