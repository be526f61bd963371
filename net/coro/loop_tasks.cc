#include "net/coro/loop_tasks.h"

#include <utility>

#include "net/coro/suspension.h"
#include "net/reactor/event_loop.h"

namespace rondo {

void LoopTasks::AddReady(TaskContext& task) {
  ready_.PushBack(task);
  if (std::exchange(resuming_soon_, true)) return;
  loop_->QueueInLoop([this] { ResumeAll(); });
}

void LoopTasks::DestroyServed(const void* server) {
  const auto tasks = served_.extract(server);  // which go here
}

void LoopTasks::OnLoopEnd() {
  spawned_.DestroyAll();
  served_.clear();
}

void LoopTasks::ResumeAll() {
  resuming_soon_ = false;
  IntrusiveList<TaskContext, LoopTasks> now;
  now.TakeAll(ready_);
  while (!now.empty()) now.PopFront().waits_for_->Resume();
}

}  // namespace rondo
