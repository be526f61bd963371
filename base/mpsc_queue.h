#ifndef RONDO_BASE_MPSC_QUEUE_H_
#define RONDO_BASE_MPSC_QUEUE_H_

#include <atomic>
#include <cstdint>

namespace rondo {

// An intrusive queue from many producers to one consumer that may sleep.
//
// One atomic word holds the newest node or what the consumer is doing, so a
// push knows, with no second variable to keep in step, whether it must wake the
// consumer or has come too late:
//
//   empty ──Push──► node ─► node ─► …      Push: kQueued
//   asleep ─Push──► node                   Push: kWakeConsumer, exactly once
//   closed ─Push──► closed                 Push: kClosed, the caller keeps it
//
// The consumer takes the whole chain at once and reverses it: first in, first
// out for each producer, and never a half-linked node to wait for.
//
// Threading: Push is Thread-safe and lock-free; the rest is the consumer's.
// Ownership: nodes belong to the queue from Push to PopAll or Close; the queue
// must be empty when it is destroyed.
// Reference: R. K. Treiber, "Systems Programming: Coping with Parallelism"
// (1986), for the stack.
//
// Node needs a member `Node* next` and an alignment of at least 4.
template <typename Node>
class MpscQueue {
 public:
  enum class PushResult { kQueued, kWakeConsumer, kClosed };

  // Nodes linked by `next`, oldest first; both null if there are none.
  struct Chain {
    Node* first = nullptr;
    Node* last = nullptr;
  };

  PushResult Push(Node* node) {
    // The release pairs with the acquire in PopAll and Close: the consumer
    // sees what was written into the node.
    uintptr_t head = head_.load(std::memory_order_relaxed);
    do {
      if (head == kClosed) return PushResult::kClosed;
      node->next = head == kAsleep ? nullptr : reinterpret_cast<Node*>(head);
    } while (!head_.compare_exchange_weak(
        head, reinterpret_cast<uintptr_t>(node), std::memory_order_release,
        std::memory_order_relaxed));
    return head == kAsleep ? PushResult::kWakeConsumer : PushResult::kQueued;
  }

  // Everything pushed so far.
  Chain PopAll() {
    if (head_.load(std::memory_order_relaxed) <= kClosed) return {};
    return Reverse(head_.exchange(kEmpty, std::memory_order_acquire));
  }

  // Announces that the consumer is about to sleep. False: there is work, do
  // not sleep. True: the next Push returns kWakeConsumer.
  bool TrySleep() {
    uintptr_t expected = kEmpty;
    return head_.compare_exchange_strong(expected, kAsleep,
                                         std::memory_order_relaxed);
  }

  // Takes TrySleep() back. False if a push has done so already.
  bool WakeUp() {
    uintptr_t expected = kAsleep;
    return head_.compare_exchange_strong(expected, kEmpty,
                                         std::memory_order_relaxed);
  }

  // Refuses all later pushes and returns what was waiting.
  Chain Close() {
    return Reverse(head_.exchange(kClosed, std::memory_order_acquire));
  }

  // A hint, Thread-safe: a push may be under way.
  bool closed() const {
    return head_.load(std::memory_order_relaxed) == kClosed;
  }

 private:
  static constexpr uintptr_t kEmpty = 0;
  static constexpr uintptr_t kAsleep = 1;
  static constexpr uintptr_t kClosed = 2;

  static Chain Reverse(uintptr_t head) {
    if (head <= kClosed) return {};
    Node* newest = reinterpret_cast<Node*>(head);
    Chain chain{.first = nullptr, .last = newest};
    while (newest != nullptr) {
      Node* const next = newest->next;
      newest->next = chain.first;
      chain.first = newest;
      newest = next;
    }
    return chain;
  }

  std::atomic<uintptr_t> head_{kEmpty};
};

}  // namespace rondo

#endif  // RONDO_BASE_MPSC_QUEUE_H_
