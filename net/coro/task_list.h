#ifndef RONDO_NET_CORO_TASK_LIST_H_
#define RONDO_NET_CORO_TASK_LIST_H_

#include <cstddef>

#include "base/intrusive_list.h"

namespace rondo {

class TaskRoot;

// Tasks that belong to somebody: a loop, a scope.
//
// Threading: the loop's thread only.
// Ownership: owns them, until they end.
class TaskList {
 public:
  TaskList() = default;
  ~TaskList() { DestroyAll(); }

  bool empty() const { return tasks_.empty(); }
  size_t Count() const { return tasks_.Count(); }

  void Add(TaskRoot& task);
  // Asks them to stop; each is resumed later, in a task of the loop.
  void RequestStop();
  // Destroys their frames and resumes none. One that is running goes when it
  // next waits.
  void DestroyAll();

 private:
  IntrusiveList<TaskRoot, TaskList> tasks_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_LIST_H_
