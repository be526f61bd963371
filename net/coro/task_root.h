#ifndef RONDO_NET_CORO_TASK_ROOT_H_
#define RONDO_NET_CORO_TASK_ROOT_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>

#include "base/intrusive_list.h"
#include "net/coro/frame_allocator.h"
#include "net/coro/stop_relay.h"
#include "net/coro/task.h"
#include "net/coro/task_context.h"
#include "net/coro/task_list.h"
#include "net/coro/task_owner.h"

namespace rondo {

class EventLoop;

// For exceptions that nobody is told of.
void LogUncaught(const std::exception_ptr& exception);

// A task that nobody awaits, by its outermost frame.
//
// Threading: made by any thread, then its loop's thread only.
// Ownership and lifetime: owns the frame. Whoever made it, until Start(); then
// itself, until it ends or is destroyed.
class TaskRoot : public TaskContext, public ListNode<TaskList> {
 public:
  // May it move to other loops? Then the loop's list, or none, is its owner.
  enum class Home { kAnyLoop, kOneLoop };

  // Exceptions of one that has no owner are logged.
  TaskRoot(EventLoop* loop, Home home, Task<> task, TaskOwner* owner);
  virtual ~TaskRoot();

  static void* operator new(size_t bytes) {
    return FrameAllocator::Allocate(bytes);
  }
  static void operator delete(void* root, size_t bytes) {
    FrameAllocator::Free(root, bytes);
  }

  // Runs it, on its loop, until it waits first. Whoever has the list may end
  // it, and it may be gone when this returns.
  static void Start(std::unique_ptr<TaskRoot> root, TaskList& list);

  // Nobody hears of it any more.
  void Disown() { owner_ = nullptr; }

  // Destroys it, or, if it is running, as soon as it waits.
  void Destroy();

 private:
  // Where other threads ask it to stop; null if they do not.
  virtual StopRelay* relay() { return nullptr; }

  void OnEnd() override;
  void OnDoomed() override;
  void OnMove(EventLoop* destination) override;
  void Arrive();

  Task<> task_;
  TaskOwner* owner_;
  const Home home_;
  bool ending_ = false;  // see OnEnd()
};

// The same, which a token stops as well.
class StoppableTaskRoot final : public TaskRoot {
 public:
  StoppableTaskRoot(EventLoop* loop, Home home, Task<> task, TaskOwner* owner,
                    std::stop_token token);

 private:
  StopRelay* relay() override { return stop_.relay.get(); }

  StopRelay::Subscription stop_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_ROOT_H_
