#ifndef RONDO_NET_CORO_MOVE_H_
#define RONDO_NET_CORO_MOVE_H_

#include <coroutine>

#include "net/coro/suspension.h"
#include "net/coro/task_context.h"

namespace rondo {

class EventLoop;

// Waits to go on on another loop, see ResumeOn().
class Move : public Suspension {
 public:
  explicit Move(EventLoop* destination) : destination_(destination) {}

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (frame.promise().context()->loop() == destination_) return false;
    SuspendAlways(frame);
    frame.promise().context()->moves_ = true;
    return true;
  }
  void await_resume() const {}

  EventLoop* destination() const { return destination_; }

 private:
  bool Withdraw() override { return false; }

  EventLoop* const destination_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_MOVE_H_
