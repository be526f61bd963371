#ifndef RONDO_NET_CORO_LOOP_TASKS_H_
#define RONDO_NET_CORO_LOOP_TASKS_H_

#include <unordered_map>

#include "base/intrusive_list.h"
#include "net/coro/task_context.h"
#include "net/coro/task_list.h"
#include "net/reactor/loop_local.h"

namespace rondo {

class EventLoop;

// A loop's tasks: those that nobody else owns, and those that are to be
// resumed.
//
// Threading: the loop's thread only.
// Ownership: the loop's; at its end it destroys the tasks.
class LoopTasks final : public LoopLocal {
 public:
  explicit LoopTasks(EventLoop* loop) : loop_(loop) {}

  // Those that nobody else owns.
  TaskList& spawned() { return spawned_; }
  // Those of a server or client, by what stands for it.
  TaskList& served(const void* server) { return served_[server]; }
  void DestroyServed(const void* server);

  // What it waits for has come: resumes it in a task of the loop. Those that
  // are added while that runs are for the next, so that they cannot keep the
  // loop to themselves.
  void AddReady(TaskContext& task);

  void OnLoopEnd() override;

 private:
  void ResumeAll();

  EventLoop* const loop_;
  TaskList spawned_;
  std::unordered_map<const void*, TaskList> served_;
  IntrusiveList<TaskContext, LoopTasks> ready_;
  bool resuming_soon_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_LOOP_TASKS_H_
