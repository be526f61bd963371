#ifndef RONDO_TESTS_TESTING_LOOPS_H_
#define RONDO_TESTS_TESTING_LOOPS_H_

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "net/reactor/event_loop.h"

namespace rondo {

// A loop, or a CHECK.
std::unique_ptr<EventLoop> NewLoop(EventLoopOptions options = {});

// What a test does turn by turn.
using Step = absl::AnyInvocable<void()>;

// A turn in which only what has been begun goes on.
inline Step Nothing() {
  return [] {};
}

// A step that is taken again in each turn until it returns true: for what the
// kernel brings about when it likes, as the end of a connection's handshake.
// One that takes longer than half a minute fails the test and ends the run.
struct Wait {
  absl::AnyInvocable<bool()> done;
};
inline Wait Until(absl::AnyInvocable<bool()> done) { return {std::move(done)}; }

using StepOrWait = std::variant<Step, Wait>;

// Runs `loop`: one step in each turn, as a task, then one more turn, then stops
// it. What a step makes ready is dispatched before the next step runs, in the
// turn between the two. No turn waits. Ready at once is what passes through
// eventfds, pipes and unix sockets; what passes through TCP is so as a rule,
// unless the kernel is busy: wait for that.
void RunSteps(EventLoop& loop, std::vector<StepOrWait> steps);
void RunSteps(EventLoop& loop, std::vector<Step> steps);

// The same for a braced list, whose members cannot be moved from.
template <typename... Steps>
void RunSteps(EventLoop& loop, Steps... steps) {
  std::vector<StepOrWait> list;
  (list.emplace_back(std::move(steps)), ...);
  RunSteps(loop, std::move(list));
}

// Runs `loop` for `turns` turns that do not wait.
void RunTurns(EventLoop& loop, int turns);

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_LOOPS_H_
