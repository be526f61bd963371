#ifndef RONDO_NET_CORO_TASK_SCOPE_H_
#define RONDO_NET_CORO_TASK_SCOPE_H_

#include <coroutine>
#include <cstddef>
#include <exception>

#include "net/coro/suspension.h"
#include "net/coro/task.h"
#include "net/coro/task_list.h"
#include "net/coro/task_owner.h"

namespace rondo {

class EventLoop;

// Tasks that end with their owner: a coroutine's local, or an object's member.
//
// Threading: the loop's thread only.
// Ownership and lifetime: owns its tasks. Destroying it destroys their frames
// and resumes none; one of them may do that, and goes when it next waits. They
// stay on the loop: ResumeOn() is not for them, RunOn() is.
// Errors: Join() throws the first exception that one of them ended with; those
// that come while nobody joins, and are not the first, are logged.
//
// Example:
//   TaskScope scope(loop);
//   for (const Endpoint& e : endpoints) scope.Spawn(Fetch(e));
//   co_await scope.Join();
class TaskScope final : private TaskOwner {
 public:
  class JoinAwaiter;

  explicit TaskScope(EventLoop* loop);
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  // Runs `task` at once until it first waits; asked to stop, if who joins was.
  void Spawn(Task<> task);

  // Asks all that are here now to stop.
  void RequestStop() { tasks_.RequestStop(); }

  // Waits until none is left. If who joins is asked to stop, so are they, and
  // are waited for all the same.
  JoinAwaiter Join();

  size_t size() const { return size_; }

 private:
  friend class JoinAwaiter;

  void HandleEnd(const std::exception_ptr& exception) override;
  void HandleDestroyed() override {}  // by this

  EventLoop* const loop_;
  size_t size_ = 0;
  bool joiner_stops_ = false;
  JoinAwaiter* joining_ = nullptr;
  std::exception_ptr exception_;  // the first
  TaskList tasks_;                // last: its tasks may use the rest
};

class [[nodiscard]] TaskScope::JoinAwaiter final : public Suspension {
 public:
  explicit JoinAwaiter(TaskScope* scope) : scope_(scope) {}
  JoinAwaiter(JoinAwaiter&&) = default;
  ~JoinAwaiter() {
    if (scope_->joining_ == this) scope_->joining_ = nullptr;
  }

  bool await_ready() const { return scope_->size_ == 0; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    SuspendAlways(frame);
    Join();
  }
  void await_resume();

 private:
  friend class TaskScope;

  void Join();
  void StopAll();
  bool Withdraw() override;

  TaskScope* const scope_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_SCOPE_H_
