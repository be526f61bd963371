#include "examples/designs/queue_waits.h"

#include <glog/logging.h>

#include <algorithm>

namespace rondo::examples {

QueueWaits::Ticket QueueWaits::Enter() {
  MutexLock lock(&mu_);
  const bool waits = present_++ >= threads_;
  if (waits && waited_++ == 0) {
    LOG(WARNING) << "all threads have a connection: the next waits until one "
                    "ends; for more at a time raise --threads="
                 << threads_;
  }
  return {.entered = Clock::Real().Now(), .waits = waits};
}

void QueueWaits::Begin(const Ticket& ticket) {
  if (!ticket.waits) return;
  const absl::Duration waited = Clock::Real().Now() - ticket.entered;
  MutexLock lock(&mu_);
  longest_ = std::max(longest_, waited);
}

void QueueWaits::End() {
  MutexLock lock(&mu_);
  --present_;
}

void QueueWaits::Log() {
  MutexLock lock(&mu_);
  LOG(INFO) << waited_ << " connections waited for a thread, the longest "
            << longest_;
}

}  // namespace rondo::examples
