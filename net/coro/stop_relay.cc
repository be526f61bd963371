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
    relay->requested_ = true;
    where = relay->where_;
  }
  // If that loop is gone, so is the task, or will be.
  (void)where->Post([relay = std::move(relay), here = where.get()]() mutable {
    Deliver(std::move(relay), here);
  });
}

void StopRelay::Deliver(std::shared_ptr<StopRelay> relay, const Mailbox* here) {
  TaskRoot* const task = relay->Find(here);
  // It is on this loop, and so nobody else ends it or takes it away.
  if (task != nullptr) task->RequestStop();
}

// One that has gone on hears of it where it arrives: who followed it might be
// one step behind for ever.
TaskRoot* StopRelay::Find(const Mailbox* here) {
  MutexLock lock(&mu_);
  return arrived_ && where_.get() == here ? task_ : nullptr;
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
