#include "net/coro/task_context.h"

#include <glog/logging.h>

#include "net/coro/loop_tasks.h"
#include "net/reactor/event_loop.h"

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

Suspension::Suspension(Suspension&& other) noexcept {
  DCHECK(other.state_ == State::kIdle) << "moved while it is awaited";
}

Suspension::~Suspension() {
  if (state_ != State::kReady && state_ != State::kWaiting) return;
  context_->Unlink();
  context_->waits_for_ = nullptr;
  context_->frame_ = nullptr;  // what await_suspend() threw ends the frame
}

bool Suspension::Begin(std::coroutine_handle<> frame, TaskContext* context) {
  if (context->stop_requested_) {
    context_ = context;
    SetCutShort();
    cancelled_ = true;
    state_ = State::kOver;
    return false;
  }
  Wait(frame, context);
  return true;
}

void Suspension::Wait(std::coroutine_handle<> frame, TaskContext* context) {
  DCHECK(state_ == State::kIdle) << "awaited twice";
  DCHECK(context->loop()->IsInLoopThread());
  context_ = context;
  state_ = State::kWaiting;
  context->waits_for_ = this;
  context->frame_ = frame;
}

void Suspension::Cancel() {
  if (state_ != State::kWaiting || !Withdraw()) return;
  SetCutShort();
  cancelled_ = true;
  ResumeSoon();
}

void Suspension::Resume() {
  DCHECK(state_ == State::kWaiting || state_ == State::kReady);
  state_ = State::kOver;
  TaskContext* const context = context_;
  context->waits_for_ = nullptr;
  context->Run(context->frame_);
}

bool Suspension::Unsuspend() {
  DCHECK(state_ == State::kWaiting);
  state_ = State::kOver;
  context_->waits_for_ = nullptr;
  context_->frame_ = nullptr;
  return false;
}

void Suspension::ResumeSoon() {
  DCHECK(state_ == State::kWaiting);
  state_ = State::kReady;
  context_->Unlink();
  loop()->Local<LoopTasks>().AddReady(*context_);
}

}  // namespace rondo
