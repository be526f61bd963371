#ifndef RONDO_NET_CORO_TASK_CONTEXT_H_
#define RONDO_NET_CORO_TASK_CONTEXT_H_

#include <coroutine>
#include <cstdint>
#include <utility>

#include "base/intrusive_list.h"

namespace rondo {

class EventLoop;
class LoopTasks;
class Move;
class Suspension;

// clang always jumps from one coroutine to the next without growing the stack,
// gcc only where it optimises well and not under a sanitizer: BUILD.bazel says
// so with this. Otherwise a frame leaves what is next to TaskContext::Run().
#if defined(__clang__) ||                                               \
    (defined(RONDO_GCC_TAIL_CALLS) && !defined(__SANITIZE_ADDRESS__) && \
     !defined(__SANITIZE_THREAD__))
inline constexpr bool kSymmetricTransfer = true;
#else
inline constexpr bool kSymmetricTransfer = false;
#endif

// Why a task that was not spawned on a loop may not await ResumeOn().
inline constexpr char kStaysOnItsLoop[] =
    "a task that belongs to a scope, a connection or another task stays on its "
    "loop: it awaits RunOn(), not ResumeOn()";

// What the frames of one task, the outermost and all that it awaits, have in
// common: the loop it runs on, what it waits for, and whether it is to stop.
// Each task that WhenAll() and the like await beside others has one of its own,
// inside that of the one who awaits them.
//
//   running ──co_await──► waiting ──its Suspension resumes it──► running
//      │                     └──destroyed with all its frames
//      └──the outermost frame returns──► OnEnd()
//
// Threading: the loop's thread only.
class TaskContext : private ListNode<LoopTasks> {
 public:
  TaskContext(const TaskContext&) = delete;
  TaskContext& operator=(const TaskContext&) = delete;

  EventLoop* loop() const { return loop_; }

  // Whether it has been asked to stop: from then on what it awaits, now or
  // later, is over at once and says so.
  bool stop_requested() const { return stop_requested_; }
  void RequestStop();
  // Whether an await of it, or of one inside it, was over because of that.
  bool cut_short() const { return cut_short_; }

  // --- For frames. ---

  // What a frame's await_suspend() returns to go on with `frame`.
  std::coroutine_handle<> Transfer(std::coroutine_handle<> frame) {
    if constexpr (kSymmetricTransfer) return frame;
    frame_ = frame;
    return std::noop_coroutine();
  }
  // The outermost frame has come to its end.
  void SetEnded() { ended_ = true; }

 protected:
  TaskContext() = default;
  ~TaskContext() = default;

  // Before it runs. `parent`: whose task awaits this one, null for none.
  void SetUp(EventLoop* loop, TaskContext* parent) {
    loop_ = loop;
    parent_ = parent;
  }

  // Starts or resumes `frame`. Returns when the task waits, or is gone.
  void Run(std::coroutine_handle<> frame);

  // Resumes what waits. Requires: it waits, for something that has come.
  void ResumeWaiting();
  // A frame of this task, or of one that it awaits, is running.
  bool running() const { return running_ > 0; }
  // Calls OnDoomed() once nothing of it is running.
  void Doom() { doomed_ = true; }

 private:
  friend class LoopTasks;
  friend class Move;
  friend class Suspension;
  friend class SuspensionList;
  friend class IntrusiveList<TaskContext, LoopTasks>;

  // What becomes of the task; each may destroy it.
  virtual void OnEnd() = 0;
  virtual void OnDoomed() = 0;
  virtual void OnMove(EventLoop* destination) = 0;

  void SetCutShort() {
    for (TaskContext* c = this; c != nullptr; c = c->parent_) {
      c->cut_short_ = true;
    }
  }
  // True if nothing of it is left: an outer one was doomed.
  bool Leave();

  EventLoop* loop_ = nullptr;
  TaskContext* parent_ = nullptr;
  Suspension* waits_for_ = nullptr;  // null while it runs
  // The frame that waits; while it runs, where there is no symmetric transfer,
  // the one that goes on.
  std::coroutine_handle<> frame_;
  uint16_t running_ = 0;  // itself, and those that it awaits
  bool stop_requested_ = false;
  bool cut_short_ = false;
  bool ended_ = false;
  bool doomed_ = false;
  bool moves_ = false;  // what it waits for is a Move
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_CONTEXT_H_
