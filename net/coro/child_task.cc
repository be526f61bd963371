#include "net/coro/child_task.h"

#include "net/coro/task_root.h"

namespace rondo {

void Child::Start(ChildrenAwaiter* awaiter, TaskContext* parent) {
  awaiter_ = awaiter;
  SetUp(parent->loop(), parent);
  promise().Enter(this, nullptr);
  if (parent->stop_requested()) RequestStop();
  Run(frame());
}

void Child::OnEnd() {
  ended_ = true;
  awaiter_->HandleEnd(*this);
}

ChildrenAwaiter::~ChildrenAwaiter() {
  if (!waiting()) return;
  children_.ForEach([](Child& child) {
    const std::exception_ptr& exception = child.promise().exception();
    if (exception) LogUncaught(exception);
  });
}

// One more than are running keeps the first who end from resuming.
bool ChildrenAwaiter::StartAll() {
  running_ = 1;
  children_.ForEach([this](Child& child) {
    if (decisive_ != nullptr) return;  // need not even begin
    ++running_;
    child.Start(this, context());
  });
  if (--running_ > 0) return true;
  return Unsuspend();
}

void ChildrenAwaiter::HandleEnd(Child& child) {
  const bool decides =
      until_ == Until::kOneHasEnded || child.promise().exception() != nullptr;
  if (decides && decisive_ == nullptr) {
    decisive_ = &child;
    StopChildren();
  }
  if (--running_ == 0) Resume();
}

void ChildrenAwaiter::StopChildren() {
  children_.ForEach([](Child& child) {
    if (!child.ended()) child.RequestStop();
  });
}

bool ChildrenAwaiter::Withdraw() {
  StopChildren();
  return false;
}

}  // namespace rondo
