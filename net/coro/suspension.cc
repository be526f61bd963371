#include "net/coro/suspension.h"

#include <glog/logging.h>

#include "net/coro/loop_tasks.h"
#include "net/reactor/event_loop.h"

namespace rondo {

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
