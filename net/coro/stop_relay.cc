#include "net/coro/stop_relay.h"

#include <utility>

#include "net/coro/task_root.h"
#include "net/reactor/mailbox.h"

namespace rondo {

StopRelay::Subscription::Subscription(TaskRoot* task,
                                      std::shared_ptr<Mailbox> where,
                                      std::stop_token token)
    : relay(std::make_shared<StopRelay>(task, std::move(where))),
      callback(std::move(token), Forward{relay}) {}

void StopRelay::Request(std::shared_ptr<StopRelay> relay) {
  std::shared_ptr<Mailbox> where;
  {
    MutexLock lock(&relay->mu_);
    if (relay->task_ == nullptr) return;
    where = relay->where_;
  }
  // If that loop is gone, so is the task, or will be.
  (void)where->Post([relay = std::move(relay), here = where.get()]() mutable {
    Deliver(std::move(relay), here);
  });
}

void StopRelay::Deliver(std::shared_ptr<StopRelay> relay, const Mailbox* here) {
  bool elsewhere = false;
  TaskRoot* const task = relay->Find(here, elsewhere);
  // It is on this loop, and so nobody else ends it or takes it away.
  if (task != nullptr) return task->RequestStop();
  if (elsewhere) Request(std::move(relay));
}

TaskRoot* StopRelay::Find(const Mailbox* here, bool& elsewhere) {
  MutexLock lock(&mu_);
  elsewhere = where_.get() != here;
  if (elsewhere) return nullptr;
  if (!arrived_) requested_ = true;
  return arrived_ ? task_ : nullptr;
}

void StopRelay::Leave(std::shared_ptr<Mailbox> destination) {
  MutexLock lock(&mu_);
  where_ = std::move(destination);
  arrived_ = false;
}

bool StopRelay::Arrive() {
  MutexLock lock(&mu_);
  arrived_ = true;
  return requested_;
}

void StopRelay::End() {
  MutexLock lock(&mu_);
  task_ = nullptr;
}

}  // namespace rondo
