#ifndef RONDO_NET_CORO_CHILD_TASK_H_
#define RONDO_NET_CORO_CHILD_TASK_H_

#include <glog/logging.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "base/intrusive_list.h"
#include "net/coro/suspension.h"
#include "net/coro/task.h"
#include "net/coro/task_context.h"

namespace rondo {

class ChildrenAwaiter;

// A task that another awaits beside others, or beside a timer.
class Child : public TaskContext, public ListNode<ChildrenAwaiter> {
 public:
  bool ended() const { return ended_; }
  // Throws what it has thrown. Requires: it has.
  void Rethrow() { std::rethrow_exception(promise().exception()); }

 protected:
  Child() = default;
  ~Child() = default;

 private:
  friend class ChildrenAwaiter;

  void Start(ChildrenAwaiter* awaiter, TaskContext* parent);
  virtual TaskPromise& promise() = 0;
  virtual std::coroutine_handle<> frame() = 0;
  void OnEnd() override;
  void OnDoomed() override { LOG(FATAL) << "only whoever awaits it is doomed"; }
  void OnMove(EventLoop*) override { LOG(FATAL) << kStaysOnItsLoop; }

  ChildrenAwaiter* awaiter_ = nullptr;
  bool ended_ = false;
};

template <typename T>
class ChildTask final : public Child {
 public:
  explicit ChildTask(Task<T> task) : task_(std::move(task)) {}

  // Requires: it has ended.
  T TakeResult() { return task_.frame().promise().TakeResult(); }

 private:
  TaskPromise& promise() override { return task_.frame().promise(); }
  std::coroutine_handle<> frame() override { return task_.frame(); }

  Task<T> task_;
};

// Waits for children, all of them, so that nothing of them is left when the
// frame goes on. When whoever awaits them is to stop, so are they.
//
// Ownership: borrows the children, which lie in the same frame. What they have
// thrown is logged if that is destroyed before it can hear of it.
class ChildrenAwaiter : public Suspension {
 public:
  // What makes the others stop.
  enum class Until { kAllHaveEnded, kOneHasEnded };

  explicit ChildrenAwaiter(Until until) : until_(until) {}
  ~ChildrenAwaiter();
  void Add(Child& child) { children_.PushBack(child); }

  bool await_ready() const { return children_.empty(); }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    SuspendAlways(frame);
    return StartAll();
  }
  void await_resume() const {}

  // The child that ended first. Of kAllHaveEnded: the first that threw, null if
  // none has.
  Child* decisive() const { return decisive_; }

  void StopChildren();

 private:
  friend class Child;

  // False if all have ended at once.
  bool StartAll();
  void HandleEnd(Child& child);
  bool Withdraw() override;

  const Until until_;
  IntrusiveList<Child, ChildrenAwaiter> children_;
  size_t running_ = 0;
  Child* decisive_ = nullptr;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_CHILD_TASK_H_
