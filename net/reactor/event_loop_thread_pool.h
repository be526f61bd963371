#ifndef RONDO_NET_REACTOR_EVENT_LOOP_THREAD_POOL_H_
#define RONDO_NET_REACTOR_EVENT_LOOP_THREAD_POOL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread.h"

namespace rondo {

struct EventLoopThreadPoolOptions {
  // Zero: no threads, the base loop does the work (a single reactor).
  int threads = 0;
  bool pin_cpus = false;       // loop i to CPU i, modulo those available
  std::string name = "loop";   // threads and loops are name-0, name-1, …
  EventLoopOptions loop = {};  // for each, but for the name
};

// The loops that a server's connections are spread over.
//
// Threading: loops() and size() are Thread-safe; Next() is for one thread.
// Ownership and lifetime: owns its threads and loops, see EventLoopThread;
// borrows the base loop.
class EventLoopThreadPool {
 public:
  // More threads than this is taken for a mistake.
  static constexpr int kMaxThreads = 1'024;

  // Returns when all loops exist, or why one does not. Requires: 0 <= threads
  // <= kMaxThreads.
  static absl::StatusOr<std::unique_ptr<EventLoopThreadPool>> Start(
      EventLoop* base_loop, EventLoopThreadPoolOptions options);
  ~EventLoopThreadPool();

  // Stops the threads' loops and returns when none of them runs; they live on.
  // A callback of one of them does not wait for that one.
  void Stop();

  // Never empty: the base loop if there are no threads.
  const std::vector<EventLoop*>& loops() const { return loops_; }
  size_t size() const { return loops_.size(); }

  // The loops in turn, for ever.
  EventLoop* Next() { return loops_[next_++ % loops_.size()]; }

 private:
  EventLoopThreadPool() = default;

  std::vector<EventLoop*> loops_;
  size_t next_ = 0;
  // Last, so that they end before what their callbacks may use.
  std::vector<std::unique_ptr<EventLoopThread>> threads_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_EVENT_LOOP_THREAD_POOL_H_
