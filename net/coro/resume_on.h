#ifndef RONDO_NET_CORO_RESUME_ON_H_
#define RONDO_NET_CORO_RESUME_ON_H_

#include <coroutine>

#include "net/coro/task_context.h"

namespace rondo {

class EventLoop;

// See ResumeOn().
class [[nodiscard]] ResumeOnAwaiter final : public Suspension {
 public:
  explicit ResumeOnAwaiter(EventLoop* destination)
      : destination_(destination) {}

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (frame.promise().context()->loop() == destination_) return false;
    SuspendAlways(frame);
    context()->MoveTo(destination_);
    return true;
  }
  void await_resume() const {}

 private:
  bool Withdraw() override { return false; }

  EventLoop* const destination_;
};

// Goes on on `loop`, to which the task belongs from then on; also if it is to
// stop, for that is how it gets back to what it has to leave in order. Should
// the loop have ended, the task is destroyed.
//
// For tasks that were spawned on a loop. Those of a scope or a connection, and
// those that WhenAll() and the like await, stay where their owner is: they
// await RunOn().
inline ResumeOnAwaiter ResumeOn(EventLoop* loop) {
  return ResumeOnAwaiter(loop);
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_RESUME_ON_H_
