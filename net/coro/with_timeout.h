#ifndef RONDO_NET_CORO_WITH_TIMEOUT_H_
#define RONDO_NET_CORO_WITH_TIMEOUT_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "net/coro/child_task.h"
#include "net/coro/outcome.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/timer_id.h"

namespace rondo {

// Waits for one child, which is to stop when the time is over.
class TimeoutAwaiter final : public ChildrenAwaiter {
 public:
  explicit TimeoutAwaiter(absl::Duration timeout)
      : ChildrenAwaiter(Until::kAllHaveEnded), timeout_(timeout) {}
  ~TimeoutAwaiter() { StopTimer(); }

  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    loop_ = frame.promise().context()->loop();
    if (timeout_ != absl::InfiniteDuration()) {
      timer_ = loop_->RunAfter(timeout_, [this] {
        timed_out_ = true;
        StopChildren();
      });
    }
    return ChildrenAwaiter::await_suspend(frame);
  }
  void await_resume() { StopTimer(); }

  bool timed_out() const { return timed_out_; }

 private:
  void StopTimer() {
    if (loop_ != nullptr) loop_->Cancel(timer_);
  }

  const absl::Duration timeout_;
  EventLoop* loop_ = nullptr;
  TimerId timer_;
  bool timed_out_ = false;
};

// Runs `task`, asks it to stop after `timeout`, and waits for it all the same.
// Gives its result, or DeadlineExceeded: in place of Cancelled where it has a
// Status to give, else of whatever it gives after it was cut short.
//
// Example:
//   absl::StatusOr<Page> page = co_await WithTimeout(kSecond, Fetch(url));
template <typename T>
Task<Outcome<T>> WithTimeout(absl::Duration timeout, Task<T> task) {
  ChildTask<T> child(std::move(task));
  TimeoutAwaiter awaiter(timeout);
  awaiter.Add(child);
  co_await awaiter;
  const auto too_late = [timeout] {
    return absl::DeadlineExceededError(
        absl::StrCat("not done within ", absl::FormatDuration(timeout)));
  };
  // Else it came in time, or in the same turn.
  const bool is_cut_off = awaiter.timed_out() && child.cut_short();
  if constexpr (std::is_same_v<Outcome<T>, T>) {
    T result = child.TakeResult();
    const bool gave_up = absl::IsCancelled(StatusOf(result));
    if (awaiter.timed_out() && gave_up) co_return too_late();
    co_return result;
  } else if constexpr (std::is_void_v<T>) {
    child.TakeResult();
    if (is_cut_off) co_return too_late();
    co_return absl::OkStatus();
  } else {
    T result = child.TakeResult();
    if (is_cut_off) co_return too_late();
    co_return result;
  }
}

// The same for anything else that can be awaited.
//
// Example: const auto happened = co_await WithTimeout(kSecond, event.Wait());
template <typename Awaitable>
auto WithTimeout(absl::Duration timeout, Awaitable awaitable) {
  return WithTimeout(timeout, AsTask(std::move(awaitable)));
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_WITH_TIMEOUT_H_
