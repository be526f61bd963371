#ifndef RONDO_NET_CORO_STOP_RELAY_H_
#define RONDO_NET_CORO_STOP_RELAY_H_

#include <memory>
#include <stop_token>
#include <utility>

#include "base/mutex.h"

namespace rondo {

class Mailbox;
class TaskRoot;

// Brings a stop that any thread requests to the loop where a task is now. The
// task may move on meanwhile: then it is told when it arrives.
//
// Threading: all methods are Thread-safe, but where another thread is named.
// Ownership: shared by the task and requests that are on their way.
class StopRelay {
 public:
  struct Forward {
    std::shared_ptr<StopRelay> relay;
    void operator()() const { Request(relay); }
  };
  // A task's, for as long as it lives.
  struct Subscription {
    Subscription(TaskRoot* task, std::shared_ptr<Mailbox> where,
                 std::stop_token token);
    ~Subscription() { relay->End(); }

    const std::shared_ptr<StopRelay> relay;
    // Last: it may call at once.
    const std::stop_callback<Forward> callback;
  };

  StopRelay(TaskRoot* task, std::shared_ptr<Mailbox> where)
      : task_(task), where_(std::move(where)) {}

  static void Request(std::shared_ptr<StopRelay> relay);
  // The task goes, or is on its way to another loop, or is there: by the thread
  // of the loop that it leaves, or is on. True if there has been a request.
  void Leave(std::shared_ptr<Mailbox> destination);
  bool Arrive();
  void End();

 private:
  // On the loop of `here`.
  static void Deliver(std::shared_ptr<StopRelay> relay, const Mailbox* here);
  // The task if it is there; else null.
  TaskRoot* Find(const Mailbox* here);

  Mutex mu_;
  TaskRoot* task_ ABSL_GUARDED_BY(mu_);  // null once it has ended
  // Where it is or is to be. Until it has begun it is on its way.
  std::shared_ptr<Mailbox> where_ ABSL_GUARDED_BY(mu_);
  bool arrived_ ABSL_GUARDED_BY(mu_) = false;
  bool requested_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_STOP_RELAY_H_
