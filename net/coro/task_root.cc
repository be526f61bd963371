#include "net/coro/task_root.h"

#include <glog/logging.h>

#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/reactor/event_loop.h"

namespace rondo {

void LogUncaught(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    LOG(ERROR) << "a task has ended with an exception: " << e.what();
  } catch (...) {
    LOG(ERROR) << "a task has ended with an exception";
  }
}

void TaskList::Add(TaskRoot& task) { tasks_.PushBack(task); }

void TaskList::RequestStop() {
  tasks_.ForEach([](TaskRoot& task) { task.RequestStop(); });
}

void TaskList::DestroyAll() {
  while (!tasks_.empty()) tasks_.front().Destroy();
}

TaskRoot::TaskRoot(EventLoop* loop, Home home, Task<> task,
                   TaskEndCallback on_end)
    : home_(home),
      task_(std::move(task)),
      on_end_(std::move(on_end)) {
  SetUp(loop, /*parent=*/nullptr);
  task_.frame().promise().Enter(this, nullptr);
}

TaskRoot::~TaskRoot() = default;

void TaskRoot::StopWith(std::stop_token token) {
  if (!token.stop_possible()) return;
  stop_ = std::make_unique<StopRelay::Subscription>(this, loop()->mailbox(),
                                                    std::move(token));
}

void TaskRoot::Start(std::unique_ptr<TaskRoot> root, TaskList& owner) {
  TaskRoot* const r = root.release();
  owner.Add(*r);
  if (r->stop_ != nullptr && r->stop_->relay->Arrive()) r->RequestStop();
  r->Run(r->task_.frame());
}

void TaskRoot::Destroy() {
  ListNode<TaskList>::Unlink();
  if (!running()) {
    delete this;
    return;
  }
  on_end_ = nullptr;
  Doom();
}

void TaskRoot::OnEnd() {
  const std::exception_ptr exception = task_.frame().promise().exception();
  TaskEndCallback on_end = std::move(on_end_);
  delete this;
  if (on_end) return on_end(exception);
  if (exception) LogUncaught(exception);
}

void TaskRoot::OnMove(EventLoop* destination) {
  CHECK(home_ == Home::kAnyLoop) << kStaysOnItsLoop;
  ListNode<TaskList>::Unlink();
  SetUp(destination, /*parent=*/nullptr);
  if (stop_ != nullptr) stop_->relay->Leave(destination->mailbox());
  // The task owns it on its way: should that loop have ended, it goes there.
  destination->QueueInLoop([root = std::unique_ptr<TaskRoot>(this)]() mutable {
    root.release()->Arrive();
  });
}

void TaskRoot::Arrive() {
  loop()->Local<LoopTasks>().spawned().Add(*this);
  if (stop_ != nullptr && stop_->relay->Arrive()) RequestStop();
  ResumeWaiting();
}

}  // namespace rondo
