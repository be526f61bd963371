#ifndef RONDO_NET_CORO_RUN_ON_H_
#define RONDO_NET_CORO_RUN_ON_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "net/coro/frame_allocator.h"
#include "net/coro/outcome.h"
#include "net/coro/remote_run.h"
#include "net/coro/suspension.h"
#include "net/coro/task.h"
#include "net/coro/when_all.h"

namespace rondo {

// See RunOn().
template <typename T>
class [[nodiscard]] RunOnAwaiter final : public Suspension,
                                         private RemoteRun::Waiter {
 public:
  RunOnAwaiter(EventLoop* remote, Task<T> task)
      : remote_(remote), task_(std::move(task)) {}
  RunOnAwaiter(RunOnAwaiter&& other) = default;
  ~RunOnAwaiter() {
    if (waiting() && run_ != nullptr) RemoteRun::Abandon(run_);
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    RemoteRun::Waiter* const waiter = this;
    run_ = std::allocate_shared<Run>(FrameMemory<Run>(), waiter, loop());
    RemoteRun::Start(run_, remote_, Run::Fill(run_.get(), std::move(task_)));
    return true;
  }
  Outcome<T> await_resume() {
    if (run_ == nullptr) return absl::CancelledError("the task is to stop");
    if (run_->exception()) std::rethrow_exception(run_->exception());
    if (!run_->result) return absl::CancelledError("that loop has ended");
    if constexpr (std::is_void_v<T>) {
      return absl::OkStatus();
    } else {
      return *std::move(run_->result);
    }
  }

 private:
  struct Run final : RemoteRun {
    using RemoteRun::RemoteRun;

    // Runs on the other loop. What it throws, the run hears of.
    static Task<> Fill(Run* run, Task<T> task) {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
        run->result.emplace();
      } else {
        run->result.emplace(co_await std::move(task));
      }
    }

    std::optional<NonVoid<T>> result;
  };

  void HandleEnd() override { this->Resume(); }
  // The other end hears of it and ends, and that is waited for.
  bool Withdraw() override {
    RemoteRun::RequestStop(run_);
    return false;
  }

  EventLoop* remote_;
  Task<T> task_;
  std::shared_ptr<Run> run_;
};

// Runs `task` on `loop` and goes on, on this one, with what it gives or throws;
// Cancelled once that loop is destroyed without having run it to its end: one
// that has ended keeps it till then. If who awaits it is to stop, so is it, and
// is waited for; if who awaits it is destroyed, it is to stop and goes on by
// itself till then: what it refers to must live as long.
//
// Example: size = co_await RunOn(other_loop, cache->Size());
template <typename T>
RunOnAwaiter<T> RunOn(EventLoop* loop, Task<T> task) {
  return RunOnAwaiter<T>(loop, std::move(task));
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_RUN_ON_H_
