#ifndef RONDO_NET_CORO_RUN_ON_H_
#define RONDO_NET_CORO_RUN_ON_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "absl/status/status.h"
#include "net/coro/frame_allocator.h"
#include "net/coro/outcome.h"
#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "net/coro/task_context.h"
#include "net/coro/when_all.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"

namespace rondo {

// What the two loops share of a task that runs for another.
template <typename T>
struct RemoteRun {
  // Who waits, as long as he does; his loop's.
  class Waiter {
   public:
    virtual void HandleEnd() = 0;

   protected:
    ~Waiter() = default;
  };

  // In the remote frame: when that goes, however it does, the waiter hears.
  class Return {
   public:
    explicit Return(std::shared_ptr<RemoteRun> run) : run_(std::move(run)) {}
    Return(Return&&) = default;
    ~Return() {
      if (run_ == nullptr) return;
      const std::shared_ptr<Mailbox> home = run_->home;
      (void)home->Post([run = std::move(run_)] {
        if (run->waiter != nullptr) run->waiter->HandleEnd();
      });
    }
    RemoteRun* operator->() const { return run_.get(); }

   private:
    std::shared_ptr<RemoteRun> run_;
  };

  const std::shared_ptr<Mailbox> home;
  Waiter* waiter;
  std::optional<NonVoid<T>> result = {};
  std::exception_ptr exception = {};
};

// See RunOn().
template <typename T>
class [[nodiscard]] RunOnAwaiter final : public Suspension,
                                         private RemoteRun<T>::Waiter {
 public:
  RunOnAwaiter(EventLoop* loop, Task<T> task)
      : remote_(loop), task_(std::move(task)) {}
  RunOnAwaiter(RunOnAwaiter&& other) = default;
  ~RunOnAwaiter() {
    if (!waiting()) return;
    run_->waiter = nullptr;
    stop_.request_stop();
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    run_ = std::make_shared<Run>(Run{loop()->mailbox(), this});
    Spawn(remote_, RunRemote(std::move(task_), typename Run::Return(run_)),
          {.stop = stop_.get_token()});
    return true;
  }
  Outcome<T> await_resume() {
    if (run_ == nullptr) return absl::CancelledError("the task is to stop");
    if (run_->exception) std::rethrow_exception(run_->exception);
    if (!run_->result) return absl::CancelledError("that loop has ended");
    if constexpr (std::is_void_v<T>) {
      return absl::OkStatus();
    } else {
      return *std::move(run_->result);
    }
  }

 private:
  using Run = RemoteRun<T>;

  static Task<> RunRemote(Task<T> task, typename Run::Return back) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(task);
        back->result.emplace();
      } else {
        back->result.emplace(co_await std::move(task));
      }
    } catch (...) {
      back->exception = std::current_exception();
    }
  }

  void HandleEnd() override { this->Resume(); }
  // The other end hears of it and ends, and that is waited for.
  bool Withdraw() override {
    stop_.request_stop();
    return false;
  }

  EventLoop* remote_;
  Task<T> task_;
  std::stop_source stop_;
  std::shared_ptr<Run> run_;
};

// Runs `task` on `loop` and goes on, on this one, with what it gives or throws;
// Cancelled if that loop has ended. If who awaits it is to stop, so is it, and
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
