#ifndef RONDO_TESTS_TESTING_LOOPS_H_
#define RONDO_TESTS_TESTING_LOOPS_H_

#include <initializer_list>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "net/reactor/event_loop.h"

namespace rondo {

// A loop, or a CHECK.
std::unique_ptr<EventLoop> NewLoop(EventLoopOptions options = {});

// What a test does turn by turn.
using Step = absl::AnyInvocable<void()>;

// Runs `loop`: one step in each turn, as a task, then one more turn, then stops
// it. What a step makes ready is dispatched before the next step runs, in the
// turn between the two. No turn waits.
void RunSteps(EventLoop& loop, std::vector<Step> steps);

// The same for a braced list, whose members cannot be moved from.
template <typename... Steps>
void RunSteps(EventLoop& loop, Steps... steps) {
  std::vector<Step> list;
  (list.push_back(std::move(steps)), ...);
  RunSteps(loop, std::move(list));
}

// Runs `loop` for `turns` turns that do not wait.
void RunTurns(EventLoop& loop, int turns);

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_LOOPS_H_
