#ifndef RONDO_NET_CORO_SUSPENSION_H_
#define RONDO_NET_CORO_SUSPENSION_H_

#include <coroutine>
#include <cstdint>

#include "net/coro/task_context.h"

namespace rondo {

class EventLoop;
class LoopTasks;

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

}  // namespace rondo

#endif  // RONDO_NET_CORO_SUSPENSION_H_
