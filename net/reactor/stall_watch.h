#ifndef RONDO_NET_REACTOR_STALL_WATCH_H_
#define RONDO_NET_REACTOR_STALL_WATCH_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"

namespace rondo {

// Notices callbacks that hold their loop for too long: each is counted, and
// logged as a warning with its kind and duration, one line a second at most.
//
// A turn's callbacks follow each other without a gap, so one reading of the
// clock after each, where it ends and the next begins, times them all. It is
// the coarse clock: what is said of a limit or a duration holds to one tick of
// it, see Clock::CoarseNow().
//
//   TurnBegins ─ callback ─ Finished ─ callback ─ Finished … TurnEnds
//
// Outside of turns (a loop that is visited, or ends) Finished() does nothing.
//
// Threading: the loop's thread only, except for what is marked Thread-safe.
// Ownership: borrows the clock.
class StallWatch {
 public:
  enum class Callback { kChannel, kTimer, kTask, kFlush, kDestructor };

  static constexpr absl::Duration kMinLogInterval = absl::Seconds(1);

  // `name` is the loop's. A limit that is infinite, zero or less switches the
  // watch off.
  StallWatch(std::string name, absl::Duration limit, const Clock& clock);
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  void TurnBegins(MonotonicTime now) {
    watching_ = on_;
    last_ = now;
  }

  // A callback has returned, the first since the last call or TurnBegins().
  void Finished(Callback kind) {
    if (!watching_) return;
    const MonotonicTime now = clock_.CoarseNow();
    const MonotonicTime start = last_;
    last_ = now;
    if (now.nanoseconds() - start.nanoseconds() > limit_ns_) {
      Report(kind, now, now - start);
    }
  }

  void TurnEnds() { watching_ = false; }

  // How many callbacks were too long. Thread-safe.
  uint64_t stalls() const { return stalls_.load(std::memory_order_relaxed); }

 private:
  void Report(Callback kind, MonotonicTime now, absl::Duration duration);

  // Immutable after construction.
  const std::string name_;
  const Clock& clock_;
  const bool on_;
  const int64_t limit_ns_;

  // Loop thread only.
  bool watching_ = false;
  MonotonicTime last_;      // when the last callback ended
  MonotonicTime next_log_;  // no line before
  uint64_t left_out_ = 0;   // since the last line

  std::atomic<uint64_t> stalls_{0};  // written by the loop's thread
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_STALL_WATCH_H_
