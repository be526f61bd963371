#include "net/coro/remote_run.h"

#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/coro/task_root.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"

namespace rondo {

RemoteRun::RemoteRun(Waiter* waiter, EventLoop* home)
    : home_(home->mailbox()), waiter_(waiter) {}

RemoteRun::~RemoteRun() {
  if (waiter_ == nullptr && exception_) LogUncaught(exception_);
}

void RemoteRun::Start(const std::shared_ptr<RemoteRun>& run, EventLoop* remote,
                      Task<> task) {
  TaskOwner* const owner = run.get();
  auto root = std::make_unique<TaskRoot>(remote, TaskRoot::Home::kOneLoop,
                                         std::move(task), owner);
  run->remote_ = remote->mailbox();
  run->task_ = root.get();
  run->self_ = run;
  // Destroyed with its task where that loop has ended.
  remote->QueueInLoop([root = std::move(root)]() mutable {
    TaskList& tasks = root->loop()->Local<LoopTasks>().spawned();
    TaskRoot::Start(std::move(root), tasks);
  });
}

// Arrives behind the task, as this thread has sent that too.
void RemoteRun::RequestStop(std::shared_ptr<RemoteRun> run) {
  Mailbox& remote = *run->remote_;
  (void)remote.Post([run = std::move(run)] {
    if (run->task_ != nullptr) run->task_->RequestStop();
  });
}

void RemoteRun::Abandon(std::shared_ptr<RemoteRun> run) {
  run->waiter_ = nullptr;
  RequestStop(std::move(run));
}

void RemoteRun::HandleEnd(const std::exception_ptr& exception) {
  exception_ = exception;
  Return();
}

void RemoteRun::HandleDestroyed() { Return(); }

// If the home loop is gone, so is the waiter.
void RemoteRun::Return() {
  task_ = nullptr;
  const std::shared_ptr<Mailbox> home = home_;  // outlives this
  (void)home->Post([run = std::move(self_)] {
    if (run->waiter_ != nullptr) run->waiter_->HandleEnd();
  });
}

}  // namespace rondo
