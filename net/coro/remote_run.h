#ifndef RONDO_NET_CORO_REMOTE_RUN_H_
#define RONDO_NET_CORO_REMOTE_RUN_H_

#include <exception>
#include <memory>

#include "net/coro/task.h"
#include "net/coro/task_owner.h"

namespace rondo {

class EventLoop;
class Mailbox;
class TaskRoot;

// What two loops share of a task that one of them runs for the other.
//
//   home ──Start()──► remote: the task ──ends, or is destroyed──► home: waiter
//     └──RequestStop()──►┘
//
// Threading: said of each.
// Ownership: shared by the waiter and, while there is one, the task.
// Errors: what a task throws that nobody waits for any more is logged.
class RemoteRun : private TaskOwner {
 public:
  // Who waits for it, on the home loop.
  class Waiter {
   public:
    virtual void HandleEnd() = 0;

   protected:
    ~Waiter() = default;
  };

  // The home loop's calls.
  RemoteRun(Waiter* waiter, EventLoop* home);
  virtual ~RemoteRun();
  static void Start(const std::shared_ptr<RemoteRun>& run, EventLoop* remote,
                    Task<> task);
  static void RequestStop(std::shared_ptr<RemoteRun> run);
  // Nobody waits any more: it is to stop.
  static void Abandon(std::shared_ptr<RemoteRun> run);

  // What it has thrown; once the waiter has heard of its end.
  const std::exception_ptr& exception() const { return exception_; }

 private:
  void HandleEnd(const std::exception_ptr& exception) override;
  void HandleDestroyed() override;
  void Return();

  // Immutable once it has started.
  const std::shared_ptr<Mailbox> home_;
  std::shared_ptr<Mailbox> remote_;
  // Home loop only.
  Waiter* waiter_;
  // Remote loop only, in between.
  TaskRoot* task_ = nullptr;
  std::shared_ptr<RemoteRun> self_;
  std::exception_ptr exception_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_REMOTE_RUN_H_
