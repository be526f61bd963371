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

// One co_await that may have to wait: what stands in the queues, and what
// resumes the frame. It lies in the frame, and so awaiting allocates nothing.
//
//   class SleepAwaiter final : public Suspension {
//     template <typename Promise>
//     bool await_suspend(std::coroutine_handle<Promise> frame) {
//       if (!Suspend(frame)) return false;  // is to stop
//       …  // see to it that Resume() is called
//       return true;
//     }
//
// Threading: the loop's thread only.
// Ownership and lifetime: the frame's. Destroyed with it while it waits, it
// resumes nothing; the derived class's destructor withdraws what it asked for
// if waiting(). May be moved until it is awaited.
class Suspension {
 public:
  Suspension(Suspension&& other) noexcept;
  Suspension& operator=(Suspension&&) = delete;

 protected:
  Suspension() = default;
  ~Suspension();

  // Begins to wait. False if the task is to stop, and then cancelled().
  template <typename Promise>
  bool Suspend(std::coroutine_handle<Promise> frame) {
    return Begin(frame, frame.promise().context());
  }
  // The same for what is not given up by a task that is to stop.
  template <typename Promise>
  void SuspendAlways(std::coroutine_handle<Promise> frame) {
    Wait(frame, frame.promise().context());
  }

  // Ends the waiting: at once, as the last thing that the caller does, for
  // this may be destroyed; or in a task of the loop, before which nothing
  // cancels it any more.
  void Resume();
  void ResumeSoon();
  // What it waits for ends sooner because the task is to stop.
  void SetCutShort() { context_->SetCutShort(); }
  // Leaves the SuspensionList that it stands in.
  void LeaveList() { context_->Unlink(); }
  // It need not wait after all: for await_suspend(), to return; false.
  bool Unsuspend();

  // It waits, and what it waits for has not come.
  bool waiting() const { return state_ == State::kWaiting; }
  // The task was asked to stop before it came.
  bool cancelled() const { return cancelled_; }
  TaskContext* context() const { return context_; }
  EventLoop* loop() const { return context_->loop(); }

 private:
  friend class LoopTasks;
  friend class SuspensionList;
  friend class TaskContext;
  enum class State : uint8_t { kIdle, kWaiting, kReady, kOver };

  // Takes back what await_suspend() asked for: the task is to stop. If it
  // returns false the waiting goes on.
  virtual bool Withdraw() = 0;

  bool Begin(std::coroutine_handle<> frame, TaskContext* context);
  void Wait(std::coroutine_handle<> frame, TaskContext* context);
  void Cancel();

  TaskContext* context_ = nullptr;
  State state_ = State::kIdle;
  bool cancelled_ = false;
};

// Those who wait for the same thing, first come, first served. They stand in it
// by their tasks' contexts, which are in no other list meanwhile; a list of
// suspensions of one type gives them back as such.
class SuspensionList {
 public:
  bool empty() const { return list_.empty(); }

  // Requires: it waits.
  void PushBack(Suspension& suspension) {
    list_.PushBack(*suspension.context_);
  }

  // The first, which leaves the list. Requires: not empty.
  template <typename T>
  T& PopFront() {
    return static_cast<T&>(*list_.PopFront().waits_for_);
  }
  // Calls `f` with each; it may resume the one it is called with soon.
  template <typename T, typename F>
  void ForEach(F f) {
    list_.ForEach(
        [&f](TaskContext& task) { f(static_cast<T&>(*task.waits_for_)); });
  }

 private:
  IntrusiveList<TaskContext, LoopTasks> list_;
};

// Waits to go on on another loop, see ResumeOn().
class Move : public Suspension {
 public:
  explicit Move(EventLoop* destination) : destination_(destination) {}

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (frame.promise().context()->loop() == destination_) return false;
    SuspendAlways(frame);
    frame.promise().context()->moves_ = true;
    return true;
  }
  void await_resume() const {}

  EventLoop* destination() const { return destination_; }

 private:
  bool Withdraw() override { return false; }

  EventLoop* const destination_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_CONTEXT_H_
