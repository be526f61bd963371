#ifndef RONDO_NET_CORO_SLEEP_H_
#define RONDO_NET_CORO_SLEEP_H_

#include <coroutine>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/coro/suspension.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/timer_id.h"

namespace rondo {

// See SleepFor() and SleepUntil().
class [[nodiscard]] SleepAwaiter final : public Suspension {
 public:
  explicit SleepAwaiter(MonotonicTime until) : until_(until) {}
  explicit SleepAwaiter(absl::Duration duration) : duration_(duration) {}
  SleepAwaiter(SleepAwaiter&&) = default;
  ~SleepAwaiter() {
    if (waiting()) loop()->Cancel(timer_);
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    timer_ = duration_ == absl::InfiniteDuration()
                 ? loop()->RunAt(until_, [this] { Resume(); })
                 : loop()->RunAfter(duration_, [this] { Resume(); });
    return true;
  }
  bool await_resume() const { return !cancelled(); }

 private:
  bool Withdraw() override {
    loop()->Cancel(timer_);
    return true;
  }

  const MonotonicTime until_ = MonotonicTime::InfiniteFuture();
  const absl::Duration duration_ = absl::InfiniteDuration();
  TimerId timer_;
};

// Waits so long, or until the loop's clock shows `when`; even if that is now,
// to the loop's next turn. Gives false, at once, if the task is to stop.
//
// An object, not a function: what stands for a call of it would otherwise be
// absl::SleepFor() as well, which its argument brings along.
//
// Example: while (co_await SleepFor(absl::Seconds(1))) Tick();
inline constexpr struct {
  SleepAwaiter operator()(absl::Duration duration) const {
    return SleepAwaiter(duration);
  }
} SleepFor;
inline SleepAwaiter SleepUntil(MonotonicTime when) {
  return SleepAwaiter(when);
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_SLEEP_H_
