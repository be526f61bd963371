#ifndef RONDO_NET_CORO_TASK_ROOT_H_
#define RONDO_NET_CORO_TASK_ROOT_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>

#include "absl/functional/any_invocable.h"
#include "base/intrusive_list.h"
#include "net/coro/frame_allocator.h"
#include "net/coro/stop_relay.h"
#include "net/coro/task.h"
#include "net/coro/task_context.h"
#include "net/coro/task_list.h"

namespace rondo {

class EventLoop;

// Called when a task has ended, on the loop where it has, with what it has
// thrown or null. Not called if the task is destroyed before.
using TaskEndCallback = absl::AnyInvocable<void(std::exception_ptr)>;

// For those that nobody is told of.
void LogUncaught(const std::exception_ptr& exception);

// A task that nobody awaits: its outermost frame, and who hears of its end.
//
// Threading: made by any thread, then its loop's thread only.
// Ownership and lifetime: owns the frame. Whoever made it, until Start(); then
// itself, until it ends or is destroyed.
class TaskRoot final : public TaskContext, public ListNode<TaskList> {
 public:
  // May it move to other loops? Then the loop's list, or none, is its owner.
  enum class Home { kAnyLoop, kOneLoop };

  TaskRoot(EventLoop* loop, Home home, Task<> task, TaskEndCallback on_end);
  ~TaskRoot();

  static void* operator new(size_t bytes) {
    return FrameAllocator::Allocate(bytes);
  }
  static void operator delete(void* root, size_t bytes) {
    FrameAllocator::Free(root, bytes);
  }

  // Stops with the token too. Requires: not started.
  void StopWith(std::stop_token token);

  // Runs it, on its loop, until it waits first. `owner` may end it.
  static void Start(std::unique_ptr<TaskRoot> root, TaskList& owner);

  // Destroys it, or, if it is running, as soon as it waits. Nothing is called.
  void Destroy();

 private:
  friend class StopRelay;

  void OnEnd() override;
  void OnDoomed() override { delete this; }
  void OnMove(EventLoop* destination) override;
  void Arrive();

  const Home home_;
  Task<> task_;
  TaskEndCallback on_end_;
  std::unique_ptr<StopRelay::Subscription> stop_;  // null without a token
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_ROOT_H_
