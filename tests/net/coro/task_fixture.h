#ifndef RONDO_TESTS_NET_CORO_TASK_FIXTURE_H_
#define RONDO_TESTS_NET_CORO_TASK_FIXTURE_H_

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <utility>

#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"

namespace rondo {

// A loop on this thread, which runs for one task.
class TaskFixture : public ::testing::Test {
 protected:
  // Runs `task` on the loop until it has ended, and gives what it has thrown.
  // To be called once.
  std::exception_ptr Run(Task<> task) {
    std::exception_ptr thrown;
    bool ended = false;
    Spawn(loop_.get(), std::move(task), {.on_end = [&](std::exception_ptr e) {
            thrown = std::move(e);
            ended = true;
            loop_->Stop();
          }});
    loop_->Run();
    EXPECT_TRUE(ended);
    return thrown;
  }

  EventLoop* loop() const { return loop_.get(); }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_TASK_FIXTURE_H_
