#ifndef RONDO_NET_CORO_TASK_H_
#define RONDO_NET_CORO_TASK_H_

#include <glog/logging.h>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/coro/frame_allocator.h"
#include "net/coro/task_context.h"

namespace rondo {

template <typename T = void>
class Task;

// What the promises of all tasks have in common.
class TaskPromise {
 public:
  static void* operator new(size_t bytes) {
    return FrameAllocator::Allocate(bytes);
  }
  static void operator delete(void* frame, size_t bytes) {
    FrameAllocator::Free(frame, bytes);
  }

  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept { return FinalAwaiter(); }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  TaskContext* context() const { return context_; }
  const std::exception_ptr& exception() const { return exception_; }

  // Makes this frame one of `context`'s: the outermost, or the one that
  // `awaiting` waits for.
  void Enter(TaskContext* context, std::coroutine_handle<> awaiting) {
    context_ = context;
    awaiting_ = awaiting;
  }

 private:
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Promise> frame) noexcept {
      return frame.promise().GoOn();
    }
    void await_resume() noexcept {}
  };

  std::coroutine_handle<> GoOn() noexcept {
    if (awaiting_) return context_->Transfer(awaiting_);
    context_->SetEnded();
    return std::noop_coroutine();
  }

  TaskContext* context_ = nullptr;
  std::coroutine_handle<> awaiting_;
  std::exception_ptr exception_;
};

template <typename T>
class TaskPromiseOf final : public TaskPromise {
 public:
  Task<T> get_return_object() noexcept;
  template <typename U>
  requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) { result_.emplace(std::forward<U>(value)); }

  T TakeResult() {
    if (exception()) std::rethrow_exception(exception());
    return *std::move(result_);
  }

 private:
  std::optional<T> result_;
};

template <>
class TaskPromiseOf<void> final : public TaskPromise {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}

  void TakeResult() {
    if (exception()) std::rethrow_exception(exception());
  }
};

// A coroutine that is yet to run: awaiting it runs it and gives its result, or
// throws what it threw. It begins when it is awaited or spawned, not before.
//
// What it awaits are the awaitables of this folder, and other tasks.
//
// Threading: made by any thread; runs on the loop of who awaits it, or on which
// it is spawned.
// Ownership and lifetime: a move-only value that owns the frame, and the frame
// its parameters: pass by value what must live as long. Destroying it, begun or
// not, destroys the frame with all in it, one call in another for frames that
// await each other, and resumes nothing. A lambda that is
// a coroutine must not capture: its captures are not in the frame. README.md
// has what else to avoid with gcc 12. Reference: ISO C++20
// [dcl.fct.def.coroutine]; P0913R1 for the transfer from one coroutine to the
// next.
//
// Example:
//   Task<int> Add(int a, int b) { co_return a + b; }
//   Task<> Main() { LOG(INFO) << co_await Add(1, 2); }
//   Spawn(loop, Main());
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromiseOf<T>;

  // No task.
  explicit Task(std::nullptr_t) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    // What the frame before owns may be what holds this.
    Task before(std::exchange(frame_, std::exchange(other.frame_, nullptr)));
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Null if moved from.
  std::coroutine_handle<promise_type> frame() const { return frame_; }

  auto operator co_await() && noexcept { return Awaiter(frame_); }

 private:
  friend promise_type;

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> frame)
        : frame_(frame) {}
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Promise> awaiting) noexcept {
      DCHECK(frame_ && !frame_.done()) << "awaited twice, or moved from";
      TaskContext* const context = awaiting.promise().context();
      frame_.promise().Enter(context, awaiting);
      return context->Transfer(frame_);
    }
    T await_resume() { return frame_.promise().TakeResult(); }

   private:
    std::coroutine_handle<promise_type> frame_;
  };

  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

template <typename T>
Task<T> TaskPromiseOf<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromiseOf>::from_promise(*this));
}

inline Task<void> TaskPromiseOf<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromiseOf>::from_promise(*this));
}

// A task that awaits `awaitable`: for WhenAll() and the like, which want tasks.
template <typename Awaitable>
auto AsTask(Awaitable awaitable)
    -> Task<decltype(std::declval<Awaitable>().await_resume())> {
  co_return co_await std::move(awaitable);
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_TASK_H_
