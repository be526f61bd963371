#include "net/coro/task_context.h"

#include <utility>

#include "net/coro/move.h"
#include "net/coro/suspension.h"

namespace rondo {

void TaskContext::RequestStop() {
  if (stop_requested_) return;
  stop_requested_ = true;
  if (waits_for_ != nullptr) waits_for_->Cancel();
}

void TaskContext::Run(std::coroutine_handle<> frame) {
  for (TaskContext* c = this; c != nullptr; c = c->parent_) ++c->running_;
  frame_ = frame;
  do {
    std::exchange(frame_, nullptr).resume();
    // There is one only where there is no symmetric transfer.
  } while (waits_for_ == nullptr && frame_ != nullptr);
  if (Leave()) return;
  if (ended_) return OnEnd();
  if (!std::exchange(moves_, false)) return;
  OnMove(static_cast<Move*>(waits_for_)->destination());
}

void TaskContext::ResumeWaiting() { waits_for_->Resume(); }

// The outermost that is doomed takes the others with it.
bool TaskContext::Leave() {
  TaskContext* doomed = nullptr;
  for (TaskContext* c = this; c != nullptr; c = c->parent_) {
    if (--c->running_ == 0 && c->doomed_) doomed = c;
  }
  if (doomed == nullptr) return false;
  doomed->OnDoomed();
  return true;
}

}  // namespace rondo
