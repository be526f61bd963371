#ifndef RONDO_NET_CORO_TASK_OWNER_H_
#define RONDO_NET_CORO_TASK_OWNER_H_

#include <exception>

namespace rondo {

// Who hears what becomes of a task that nobody awaits. It is the last that is
// heard of it.
//
// Threading: the thread of the loop where the task is.
class TaskOwner {
 public:
  // It has ended, and its frame is gone; with what it has thrown, or null.
  virtual void HandleEnd(const std::exception_ptr& exception) = 0;
  // It was destroyed before.
  virtual void HandleDestroyed() = 0;

 protected:
  ~TaskOwner() = default;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_OWNER_H_
