#include "net/coro/task_scope.h"

#include <glog/logging.h>

#include <memory>
#include <utility>

#include "net/coro/task_root.h"
#include "net/reactor/event_loop.h"

namespace rondo {

TaskScope::TaskScope(EventLoop* loop) : loop_(loop) {}

TaskScope::~TaskScope() {
  DCHECK(joining_ == nullptr) << "destroyed while it is joined";
  if (exception_) LogUncaught(exception_);
}

void TaskScope::Spawn(Task<> task) {
  DCHECK(loop_->IsInLoopThread());
  ++size_;
  TaskOwner* const owner = this;
  auto root = std::make_unique<TaskRoot>(loop_, TaskRoot::Home::kOneLoop,
                                         std::move(task), owner);
  if (joiner_stops_) root->RequestStop();
  TaskRoot::Start(std::move(root), tasks_);
}

TaskScope::JoinAwaiter TaskScope::Join() { return JoinAwaiter(this); }

void TaskScope::HandleEnd(const std::exception_ptr& exception) {
  --size_;
  if (exception && exception_) {
    LogUncaught(exception);
  } else if (exception) {
    exception_ = exception;
  }
  if (size_ > 0 || joining_ == nullptr) return;
  std::exchange(joining_, nullptr)->ResumeSoon();
}

void TaskScope::JoinAwaiter::Join() {
  CHECK(scope_->joining_ == nullptr) << "two tasks join one scope";
  scope_->joining_ = this;
  if (context()->stop_requested()) StopAll();
}

void TaskScope::JoinAwaiter::StopAll() {
  SetCutShort();
  scope_->joiner_stops_ = true;
  scope_->RequestStop();
}

bool TaskScope::JoinAwaiter::Withdraw() {
  StopAll();
  return false;
}

void TaskScope::JoinAwaiter::await_resume() {
  if (scope_->exception_) {
    std::rethrow_exception(std::exchange(scope_->exception_, nullptr));
  }
}

}  // namespace rondo
