#ifndef RONDO_NET_CORO_ASYNC_EVENT_H_
#define RONDO_NET_CORO_ASYNC_EVENT_H_

#include <coroutine>

#include "net/coro/suspension.h"
#include "net/coro/suspension_list.h"

namespace rondo {

// Something that happens, for tasks of one loop to wait for. Once set it stays
// so until it is reset.
//
// Threading: the loop's thread only.
// Ownership and lifetime: outlives those who wait for it.
class AsyncEvent {
 public:
  class Awaiter;

  AsyncEvent() = default;
  AsyncEvent(const AsyncEvent&) = delete;
  AsyncEvent& operator=(const AsyncEvent&) = delete;

  // Resumes all that wait, each in a task of the loop, even if it is reset
  // before.
  void Set();
  void Reset() { set_ = false; }
  bool is_set() const { return set_; }

  // Waits until it is set. Gives false, at once, if the task is to stop.
  Awaiter Wait();

 private:
  bool set_ = false;
  SuspensionList waiting_;
};

class [[nodiscard]] AsyncEvent::Awaiter final : public Suspension {
 public:
  explicit Awaiter(AsyncEvent* event) : event_(event) {}
  Awaiter(Awaiter&&) = default;

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  bool await_resume() const { return !cancelled(); }

 private:
  friend class AsyncEvent;

  // False if it need not.
  bool Wait() {
    if (event_->set_) return Unsuspend();
    event_->waiting_.PushBack(*this);
    return true;
  }
  bool Withdraw() override {
    LeaveList();
    return true;
  }

  AsyncEvent* const event_;
};

inline AsyncEvent::Awaiter AsyncEvent::Wait() { return Awaiter(this); }

inline void AsyncEvent::Set() {
  set_ = true;
  while (!waiting_.empty()) waiting_.PopFront<Awaiter>().ResumeSoon();
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_ASYNC_EVENT_H_
