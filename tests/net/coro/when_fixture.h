#ifndef RONDO_TESTS_NET_CORO_WHEN_FIXTURE_H_
#define RONDO_TESTS_NET_CORO_WHEN_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "net/coro/async_event.h"
#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"

namespace rondo {

// A task that awaits several others, which wait for two events.
class WhenFixture : public ::testing::Test {
 protected:
  static Step Set(AsyncEvent& event) {
    return [&event] { event.Set(); };
  }
  // Runs the loop with `task`: a turn in which it begins, then the steps.
  template <typename... Steps>
  void Run(Task<> task, Steps... steps) {
    RunSteps(
        *loop_, [&] { Spawn(loop_.get(), std::move(task)); },
        std::move(steps)...);
  }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  AsyncEvent a_;
  AsyncEvent b_;
  std::string log_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_WHEN_FIXTURE_H_
