#ifndef RONDO_NET_REACTOR_MAILBOX_H_
#define RONDO_NET_REACTOR_MAILBOX_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/mpsc_queue.h"
#include "net/reactor/wakeup.h"

namespace rondo {

// A posted task and its place in a queue. A cache line each, so that two
// threads never meet in one.
struct alignas(64) TaskNode {
  TaskNode* next = nullptr;
  absl::AnyInvocable<void()> task;
};

// Where any thread leaves tasks for one loop.
//
// Posting takes no lock, and in the long run no memory: run nodes go back to
// those who post. Only the post that finds the loop asleep pays for waking it.
//
// Threading: Post() and closed() are Thread-safe; the rest is the loop's.
// Ownership and lifetime: shared by the loop and by handles to its connections,
// which may outlive it; the loop closes it when it dies.
class Mailbox {
 public:
  using Task = absl::AnyInvocable<void()>;
  using Chain = MpscQueue<TaskNode>::Chain;

  explicit Mailbox(Wakeup wakeup) : wakeup_(std::move(wakeup)) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  // Leaves `task` for the loop. False once the loop is gone; `task` is then
  // untouched.
  [[nodiscard]] bool Post(Task&& task);

  // Becomes readable, or once more so, when a post finds the loop asleep.
  int wakeup_fd() const { return wakeup_.fd(); }
  void ClearWakeup() { notified_ += wakeup_.Clear(); }

  // See MpscQueue. Nodes taken go back through Recycle() or DeleteNodes().
  Chain TakeAll() { return queue_.PopAll(); }
  bool TrySleep() { return queue_.TrySleep(); }
  void WakeUp();

  // Refuses later posts and returns what waits. Waits itself for a post that is
  // just waking the loop: nobody uses the mailbox's descriptor afterwards.
  Chain Close();

  // A node for the loop's own posts, or for a producer's.
  TaskNode* NewNode();

  // Takes back `count` nodes whose tasks are gone.
  void Recycle(Chain chain, size_t count);
  static void DeleteNodes(TaskNode* first);

 private:
  // Free nodes kept for producers; those beyond go back to the allocator.
  static constexpr size_t kMaxFreeNodes = 4'096;

  MpscQueue<TaskNode> queue_;
  // Only the loop puts nodes here and producers only take all of them, so the
  // stack has no ABA problem.
  alignas(64) std::atomic<TaskNode*> free_{nullptr};
  size_t free_count_ = 0;  // loop only; of the nodes it last put into free_
  Wakeup wakeup_;
  // Loop only: wakeups by posts that found it asleep, and those it has seen.
  uint64_t expected_ = 0;
  uint64_t notified_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_MAILBOX_H_
