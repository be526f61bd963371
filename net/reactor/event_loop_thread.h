#ifndef RONDO_NET_REACTOR_EVENT_LOOP_THREAD_H_
#define RONDO_NET_REACTOR_EVENT_LOOP_THREAD_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/thread.h"
#include "net/reactor/event_loop.h"

namespace rondo {

struct EventLoopThreadOptions {
  static constexpr int kNotPinned = -1;

  // The loop's, and the thread's, of which Linux keeps 15 bytes.
  std::string name = "loop";
  int pin_to_cpu = kNotPinned;  // see PinCurrentThread()
  EventLoopOptions loop = {};   // all but its name
};

// A thread that runs one EventLoop.
//
// Threading: Thread-safe, except that only one thread destroys it.
// Ownership and lifetime: the thread owns the loop, which therefore is made and
// destroyed on it, and which lives as long as this object even when it was
// stopped earlier. Destroying this object stops the loop and waits for the
// thread; a callback of that very loop cannot wait, and the thread then ends
// by itself after the callback.
class EventLoopThread {
 public:
  // Returns when the loop exists, or why it does not.
  static absl::StatusOr<std::unique_ptr<EventLoopThread>> Start(
      EventLoopThreadOptions options = {});
  ~EventLoopThread();

  EventLoop* loop() const { return loop_; }

  // Stops the loop and returns when its Run() has returned; the loop lives on.
  // A callback of that loop, which cannot wait, returns at once.
  void Stop();

 private:
  struct Shared;

  EventLoopThread(EventLoop* loop, std::shared_ptr<Shared> shared,
                  Thread thread);

  EventLoop* const loop_;
  const std::shared_ptr<Shared> shared_;
  Thread thread_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_EVENT_LOOP_THREAD_H_
