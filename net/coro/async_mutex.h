#ifndef RONDO_NET_CORO_ASYNC_MUTEX_H_
#define RONDO_NET_CORO_ASYNC_MUTEX_H_

#include <coroutine>
#include <utility>

#include "net/coro/suspension.h"
#include "net/coro/suspension_list.h"

namespace rondo {

// Lets one task of a loop at a time do what has awaits in the middle. First
// come, first served.
//
// Threading: the loop's thread only: between two awaits nothing else runs, and
// needs no mutex.
// Ownership and lifetime: outlives its locks and those who wait for one.
//
// Example:
//   AsyncMutex::Lock lock = co_await mutex.Acquire();
//   if (!lock) co_return;  // the task is to stop
//   co_await connection.Write(head);
//   co_await connection.Write(body);
class AsyncMutex {
 public:
  class Awaiter;

  // Destroyed, it lets the next in. Empty if moved from, or given to a task
  // that is to stop.
  class [[nodiscard]] Lock {
   public:
    Lock() = default;
    Lock(Lock&& other) noexcept
        : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Lock& operator=(Lock&& other) noexcept {
      if (this != &other) {
        Release();
        mutex_ = std::exchange(other.mutex_, nullptr);
      }
      return *this;
    }
    ~Lock() { Release(); }

    explicit operator bool() const { return mutex_ != nullptr; }
    void Release() {
      if (mutex_ != nullptr) std::exchange(mutex_, nullptr)->PassOn();
    }

   private:
    friend class AsyncMutex;
    friend class Awaiter;
    explicit Lock(AsyncMutex* mutex) : mutex_(mutex) {}

    AsyncMutex* mutex_ = nullptr;
  };

  AsyncMutex() = default;
  AsyncMutex(const AsyncMutex&) = delete;
  AsyncMutex& operator=(const AsyncMutex&) = delete;

  // Waits for its turn; gives an empty lock, at once, if the task is to stop.
  Awaiter Acquire();

  bool locked() const { return locked_; }

 private:
  void PassOn();

  bool locked_ = false;
  SuspensionList waiting_;
};

class [[nodiscard]] AsyncMutex::Awaiter final : public Suspension {
 public:
  explicit Awaiter(AsyncMutex* mutex) : mutex_(mutex) {}
  Awaiter(Awaiter&&) = default;

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  Lock await_resume() { return std::move(lock_); }

 private:
  friend class AsyncMutex;

  // False if it need not.
  bool Wait() {
    if (mutex_->locked_) {
      mutex_->waiting_.PushBack(*this);
      return true;
    }
    mutex_->locked_ = true;
    lock_ = Lock(mutex_);
    return Unsuspend();
  }
  bool Withdraw() override {
    LeaveList();
    return true;
  }

  AsyncMutex* const mutex_;
  // From when it is its turn: passed on if the frame is destroyed before it is
  // resumed.
  Lock lock_;
};

inline AsyncMutex::Awaiter AsyncMutex::Acquire() { return Awaiter(this); }

inline void AsyncMutex::PassOn() {
  if (waiting_.empty()) {
    locked_ = false;
    return;
  }
  Awaiter& next = waiting_.PopFront<Awaiter>();
  next.lock_ = Lock(this);
  next.ResumeSoon();
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_ASYNC_MUTEX_H_
