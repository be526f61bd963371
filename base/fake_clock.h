#ifndef RONDO_BASE_FAKE_CLOCK_H_
#define RONDO_BASE_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "base/clock.h"

namespace rondo {

// A clock for tests: it stands still until Advance() moves it.
//
// A loop that sleeps does not see the hand move: wake it with QueueInLoop().
//
// Threading: all methods are Thread-safe.
class FakeClock final : public Clock {
 public:
  MonotonicTime Now() const override {
    return MonotonicTime::FromNanoseconds(ns_.load());
  }
  void Advance(absl::Duration d) { ns_ += absl::ToInt64Nanoseconds(d); }

 private:
  // Not zero, so that a time that nobody set does not look like "now".
  std::atomic<int64_t> ns_{1'000'000'000};
};

}  // namespace rondo

#endif  // RONDO_BASE_FAKE_CLOCK_H_
