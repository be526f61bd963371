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

TaskRoot::TaskRoot(EventLoop* loop, Home home, Task<> task, TaskOwner* owner)
    : task_(std::move(task)), owner_(owner), home_(home) {
  CHECK(task_.frame()) << "this task was moved away, or is null";
  SetUp(loop, /*parent=*/nullptr);
  task_.frame().promise().Enter(this, nullptr);
}

TaskRoot::~TaskRoot() {
  task_ = Task<>(nullptr);  // may still refer to the owner
  if (owner_ != nullptr) owner_->HandleDestroyed();
}

void TaskRoot::Start(std::unique_ptr<TaskRoot> root, TaskList& list) {
  TaskRoot* const r = root.release();
  list.Add(*r);
  if (r->relay() != nullptr && r->relay()->Arrive()) r->RequestStop();
  r->Run(r->task_.frame());
}

void TaskRoot::Destroy() {
  ListNode<TaskList>::Unlink();
  if (!running() && !ending_) {
    delete this;
    return;
  }
  Doom();
  // The owner may not be there any more when it goes.
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->HandleDestroyed();
}

void TaskRoot::OnEnd() {
  const std::exception_ptr exception = task_.frame().promise().exception();
  ending_ = true;  // what the frame owns may own this task, and destroy it
  task_ = Task<>(nullptr);
  TaskOwner* const owner = std::exchange(owner_, nullptr);
  delete this;
  if (owner != nullptr) return owner->HandleEnd(exception);
  if (exception) LogUncaught(exception);
}

void TaskRoot::OnDoomed() {
  const bool ended = task_.frame() && task_.frame().done();
  if (ended && task_.frame().promise().exception()) {
    LogUncaught(task_.frame().promise().exception());
  }
  delete this;
}

void TaskRoot::OnMove(EventLoop* destination) {
  CHECK(home_ == Home::kAnyLoop) << kStaysOnItsLoop;
  ListNode<TaskList>::Unlink();
  SetUp(destination, /*parent=*/nullptr);
  if (relay() != nullptr) relay()->Leave(destination->mailbox());
  // The task owns it on its way: should that loop have ended, it goes there.
  destination->QueueInLoop([root = std::unique_ptr<TaskRoot>(this)]() mutable {
    root.release()->Arrive();
  });
}

void TaskRoot::Arrive() {
  loop()->Local<LoopTasks>().spawned().Add(*this);
  if (relay() != nullptr && relay()->Arrive()) RequestStop();
  ResumeWaiting();
}

StoppableTaskRoot::StoppableTaskRoot(EventLoop* loop, Home home, Task<> task,
                                     TaskOwner* owner, std::stop_token token)
    : TaskRoot(loop, home, std::move(task), owner),
      stop_(this, loop->mailbox(), std::move(token)) {}

}  // namespace rondo
