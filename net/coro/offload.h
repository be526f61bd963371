#ifndef RONDO_NET_CORO_OFFLOAD_H_
#define RONDO_NET_CORO_OFFLOAD_H_

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "base/thread_pool.h"
#include "net/coro/frame_allocator.h"
#include "net/coro/outcome.h"
#include "net/coro/suspension.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"

namespace rondo {

// What a loop and a pool's thread share of work that was handed over.
class OffloadJob {
 public:
  // The awaiter, as the job knows it.
  class Waiter {
   public:
    // Its job has run, or will not.
    virtual void HandleEnd() = 0;

   protected:
    ~Waiter() = default;
  };

  // Runs the job on a pool's thread, or drops it; either way the waiter hears.
  class Ticket {
   public:
    explicit Ticket(std::shared_ptr<OffloadJob> job) : job_(std::move(job)) {}
    Ticket(Ticket&&) = default;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket();
    void operator()();

   private:
    std::shared_ptr<OffloadJob> job_;  // null once passed on
  };

  OffloadJob(Waiter* waiter, EventLoop* loop)
      : mailbox_(loop->mailbox()), waiter_(waiter) {}
  virtual ~OffloadJob() = default;

  // By the loop: nobody waits any more. What has not begun does not begin.
  void Abandon() {
    waiter_ = nullptr;
    abandoned_.store(true, std::memory_order_relaxed);
  }

 protected:
  // For what the work has thrown when nobody waits for it any more.
  static void Log(const std::exception_ptr& exception);

 private:
  virtual void Run() = 0;
  static void Return(std::shared_ptr<OffloadJob> job);

  const std::shared_ptr<Mailbox> mailbox_;
  std::atomic<bool> abandoned_{false};
  Waiter* waiter_;  // the loop's
};

// See Offload().
template <typename F>
class [[nodiscard]] OffloadAwaiter final : public Suspension,
                                           private OffloadJob::Waiter {
 public:
  using Result = std::invoke_result_t<F&>;

  OffloadAwaiter(ThreadPool* pool, F work)
      : pool_(pool), work_(std::move(work)) {}
  OffloadAwaiter(OffloadAwaiter&& other)
      : Suspension(std::move(other)),
        pool_(other.pool_),
        work_(std::move(other.work_)) {}
  ~OffloadAwaiter() {
    if (waiting() && job_ != nullptr) job_->Abandon();
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    OffloadJob::Waiter* const waiter = this;  // a private base, here only
    job_ = std::allocate_shared<Job>(FrameMemory<Job>(), waiter, loop(),
                                     std::move(*work_));
    submitted_ = pool_->Submit(OffloadJob::Ticket(job_));
    if (submitted_ == ThreadPool::SubmitResult::kAccepted) return true;
    job_->Abandon();
    return Unsuspend();
  }
  Outcome<Result> await_resume() {
    if (cancelled()) return absl::CancelledError("the task is to stop");
    if (submitted_ == ThreadPool::SubmitResult::kQueueFull) {
      return absl::ResourceExhaustedError("the thread pool's queue is full");
    }
    return job_->TakeResult();
  }

 private:
  struct Nothing {};
  static constexpr bool kVoid = std::is_void_v<Result>;

  class Job final : public OffloadJob {
   public:
    Job(OffloadJob::Waiter* waiter, EventLoop* loop, F work)
        : OffloadJob(waiter, loop), work_(std::move(work)) {}
    ~Job() override {
      if (exception_) Log(exception_);
    }

    Outcome<Result> TakeResult() {
      if (exception_) std::rethrow_exception(std::exchange(exception_, {}));
      if (!result_) return absl::CancelledError("the thread pool was stopped");
      if constexpr (kVoid) {
        return absl::OkStatus();
      } else {
        return *std::move(result_);
      }
    }

   private:
    void Run() override {
      try {
        if constexpr (kVoid) {
          work_();
          result_.emplace();
        } else {
          result_.emplace(work_());
        }
      } catch (...) {
        exception_ = std::current_exception();
      }
    }

    F work_;
    std::optional<std::conditional_t<kVoid, Nothing, Result>> result_;
    std::exception_ptr exception_;
  };

  bool Withdraw() override {
    job_->Abandon();
    return true;
  }
  void HandleEnd() override { Resume(); }

  ThreadPool* const pool_;
  std::optional<F> work_;
  std::shared_ptr<Job> job_;
  ThreadPool::SubmitResult submitted_ = ThreadPool::SubmitResult::kAccepted;
};

// Runs `work` on the pool's threads and goes on, on this loop, with what it
// gives or throws. Gives Cancelled, at once, if the task is to stop or the pool
// cancels the work; ResourceExhausted if the pool's queue is full. Work that
// nobody waits for any more and has begun goes on: it owns what it captures.
//
// Example:
//   auto scale = [big = std::move(big)] { return Scale(big); };
//   absl::StatusOr<Image> small = co_await Offload(pool, std::move(scale));
template <typename F>
OffloadAwaiter<F> Offload(ThreadPool& pool, F work) {
  return OffloadAwaiter<F>(&pool, std::move(work));
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_OFFLOAD_H_
