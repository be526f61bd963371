#ifndef RONDO_NET_REACTOR_TIMER_QUEUE_H_
#define RONDO_NET_REACTOR_TIMER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/reactor/timer_id.h"

namespace rondo {

// A loop's timers, by deadline; those with equal deadlines in order of arming.
//
// A heap in which each parent has four children, side by side in one cache
// line, over slots that stay where they are: adding costs a comparison or two,
// cancelling is mostly as cheap, and running the next timer reads one line a
// level.
//
//   heap_    [deadline, slot] …        4 to a line, the earliest at the root
//   chunks_  [callback, interval, …]   found by TimerId, reused when free
//
// Cancelling is exact: the callback is destroyed at once and the timer no
// longer counts. Only its place in the heap is taken out with those of others,
// a few at a time, so that the memory they lie in is fetched side by side; with
// many timers that wait is most of the cost.
//
// Threading: the loop's thread only.
// Ownership: owns the callbacks; destroys each when its timer has run for the
// last time or is cancelled.
// Units: deadlines are on the loop's monotonic clock.
// Reference: D. B. Johnson, "Priority queues with update and finding minimum
// spanning trees" (1975), for d-ary heaps.
class TimerQueue {
 public:
  using Callback = absl::AnyInvocable<void()>;

  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  // Arms a timer. With an interval (not zero) it is armed again, before each
  // call, for the first multiple of the interval past its deadline that is yet
  // to come: late turns neither shift the rhythm nor make up for lost beats.
  TimerId Add(MonotonicTime deadline, absl::Duration interval, Callback&& cb);

  // Disarms the timer. True if it was armed; false if it has run, was cancelled
  // or never was. Any timer may be cancelled from any callback.
  bool Cancel(TimerId id);

  // Disarms all timers.
  void Clear();

  // Runs what is due at `now`, at most `budget` callbacks, and returns how many
  // ran. What a callback arms runs in the next call at the earliest. Calls
  // `after_each` when a callback has run and, if it was its last time, is gone.
  // Requires: deadlines armed since the last call are not before its `now`.
  template <typename AfterEach>
  int RunDue(MonotonicTime now, int budget, AfterEach after_each) {
    const Entry last_to_run = {now.nanoseconds(), 0, last_sequence_};
    int ran = 0;
    while (ran < budget && NextDeadline() <= now &&
           !Before(last_to_run, Root())) {
      RunRoot(now);
      after_each();
      ++ran;
    }
    return ran;
  }
  int RunDue(MonotonicTime now, int budget) {
    return RunDue(now, budget, [] {});
  }

  // InfiniteFuture() if none is armed.
  MonotonicTime NextDeadline() {
    RemoveCancelled();
    return size_ == 0 ? MonotonicTime::InfiniteFuture()
                      : MonotonicTime::FromNanoseconds(Root().deadline_ns);
  }

  size_t size() const { return size_ - cancelled_count_; }

 private:
  static constexpr uint32_t kSlotsPerChunk = 1'024;
  static constexpr uint32_t kNoSlot = UINT32_MAX;
  // About as many cache misses as a processor keeps under way at once.
  static constexpr size_t kMaxCancelled = 16;

  // Armed, or in the list of free ones, or neither: while its callback runs or
  // is destroyed, which may come back to the queue, and until its place in the
  // heap is taken out.
  struct alignas(64) Slot {
    Callback callback;
    int64_t interval_ns = 0;
    uint64_t generation = 1;  // even: armed, under a TimerId with the same
    uint32_t next_free = kNoSlot;
  };
  struct Entry {
    int64_t deadline_ns;
    uint32_t slot;
    // Of the last arming, over all timers. May wrap: it only orders equal
    // deadlines, and those are armed close together.
    uint32_t sequence;
  };
  static constexpr size_t kArity = 4;
  struct alignas(64) Line {
    Entry entries[kArity];
  };
  static_assert(sizeof(Line) == 64);

  // Positions in the heap. The root is the last entry of the first line, so
  // that the children of any entry fill one line.
  static constexpr size_t kRoot = kArity - 1;
  static constexpr size_t Parent(size_t p) { return p / kArity + kRoot - 1; }
  static constexpr size_t FirstChild(size_t p) {
    return (p - kRoot + 1) * kArity;
  }

  const Entry& Root() const { return heap_[0].entries[kRoot]; }
  Entry& At(size_t p) { return heap_[p / kArity].entries[p % kArity]; }
  Slot& SlotAt(uint32_t index) {
    return chunks_[index / kSlotsPerChunk][index % kSlotsPerChunk];
  }
  size_t End() const { return kRoot + size_; }

  static bool Before(const Entry& a, const Entry& b) {
    if (a.deadline_ns != b.deadline_ns) return a.deadline_ns < b.deadline_ns;
    return static_cast<int32_t>(a.sequence - b.sequence) < 0;
  }
  void Place(size_t p, const Entry& entry) {
    At(p) = entry;
    positions_[entry.slot] = static_cast<uint32_t>(p);
  }
  void SiftUp(size_t p, Entry entry);
  void SiftDown(size_t p, Entry entry);
  void RemoveAt(size_t p);
  void RemoveCancelled();

  void AddChunk();
  void FreeSlot(uint32_t index);
  void RunRoot(MonotonicTime now);

  std::vector<Line> heap_;
  size_t size_ = 0;                  // of the heap
  std::vector<uint32_t> positions_;  // by slot, in the heap
  std::vector<std::unique_ptr<Slot[]>> chunks_;
  uint32_t first_free_ = kNoSlot;
  uint32_t last_sequence_ = 0;
  // Slots of cancelled timers that still have their place in the heap.
  std::array<uint32_t, kMaxCancelled> cancelled_;
  size_t cancelled_count_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_TIMER_QUEUE_H_
