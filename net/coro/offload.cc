#include "net/coro/offload.h"

#include "net/coro/task_root.h"

namespace rondo {

OffloadJob::Ticket::~Ticket() {
  if (job_ != nullptr) Return(std::move(job_));
}

void OffloadJob::Ticket::operator()() {
  if (!job_->abandoned_.load(std::memory_order_relaxed)) job_->Run();
  Return(std::move(job_));
}

void OffloadJob::Log(const std::exception_ptr& exception) {
  LogUncaught(exception);
}

// The loop sees what the thread has written: posting orders it. If the loop is
// gone, so is the waiter.
void OffloadJob::Return(std::shared_ptr<OffloadJob> job) {
  const std::shared_ptr<Mailbox> mailbox = job->mailbox_;
  (void)mailbox->Post([job = std::move(job)] {
    if (job->waiter_ != nullptr) job->waiter_->HandleEnd();
  });
}

}  // namespace rondo
