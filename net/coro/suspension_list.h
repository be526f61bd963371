#ifndef RONDO_NET_CORO_SUSPENSION_LIST_H_
#define RONDO_NET_CORO_SUSPENSION_LIST_H_

#include "base/intrusive_list.h"
#include "net/coro/suspension.h"
#include "net/coro/task_context.h"

namespace rondo {

class LoopTasks;

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

}  // namespace rondo

#endif  // RONDO_NET_CORO_SUSPENSION_LIST_H_
