#ifndef RONDO_EXAMPLES_DESIGNS_QUEUE_WAITS_H_
#define RONDO_EXAMPLES_DESIGNS_QUEUE_WAITS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace rondo::examples {

// How long connections wait for a thread of a pool that serves one at a time in
// each: measured, because it is that design's limit.
//
//   Enter()   accepted; logs the first for which no thread is free
//   Begin()   a thread has it
//   End()     and is free again
//
// Threading: Thread-safe.
class QueueWaits {
 public:
  explicit QueueWaits(int threads) : threads_(threads) {}

  struct Ticket {
    MonotonicTime entered;
    bool waits = false;
  };
  Ticket Enter();
  void Begin(const Ticket& ticket);
  void End();

  // Logs how many had to wait, and how long the longest did of those that were
  // served in the end.
  void Log();

 private:
  const int threads_;

  Mutex mu_;
  int present_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t waited_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Duration longest_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_QUEUE_WAITS_H_
