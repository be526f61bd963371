#include "net/reactor/timer_queue.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace rondo {

TimerId TimerQueue::Add(MonotonicTime deadline, absl::Duration interval,
                        Callback&& cb) {
  DCHECK(interval >= absl::ZeroDuration());
  if (first_free_ == kNoSlot) AddChunk();
  const uint32_t index = first_free_;
  Slot& slot = SlotAt(index);
  first_free_ = slot.next_free;
  slot.callback = std::move(cb);
  slot.interval_ns =
      interval == absl::ZeroDuration() ? 0 : absl::ToInt64Nanoseconds(interval);
  const size_t p = End();
  ++size_;
  SiftUp(p, {deadline.nanoseconds(), index, ++last_sequence_});
  return TimerId(index, ++slot.generation);
}

bool TimerQueue::Cancel(TimerId id) {
  if (id.slot_ >= positions_.size()) return false;
  Slot& slot = SlotAt(id.slot_);
  if (slot.generation != id.generation_) return false;
  __builtin_prefetch(&positions_[id.slot_], 1);
  ++slot.generation;
  slot.callback = nullptr;  // may come back here, see Slot
  cancelled_[cancelled_count_++] = id.slot_;
  if (cancelled_count_ == kMaxCancelled) RemoveCancelled();
  return true;
}

void TimerQueue::Clear() {
  while (size() > 0) {
    RemoveCancelled();
    const uint32_t index = Root().slot;
    Cancel(TimerId(index, SlotAt(index).generation));
  }
}

void TimerQueue::RunRoot(MonotonicTime now) {
  const Entry entry = Root();
  Slot& slot = SlotAt(entry.slot);  // slots never move
  if (slot.interval_ns == 0) {
    ++slot.generation;  // too late to cancel it
    RemoveAt(kRoot);
    __builtin_prefetch(&SlotAt(Root().slot), 1);
    slot.callback();
    slot.callback = nullptr;  // may come back here, see Slot
    FreeSlot(entry.slot);
    return;
  }
  // Run from here: the callback may cancel its own timer.
  Callback callback = std::move(slot.callback);
  const int64_t late_ns = now.nanoseconds() - entry.deadline_ns;
  const int64_t last_beat_ns = now.nanoseconds() - late_ns % slot.interval_ns;
  int64_t next_beat_ns;
  if (__builtin_add_overflow(last_beat_ns, slot.interval_ns, &next_beat_ns)) {
    next_beat_ns = MonotonicTime::InfiniteFuture().nanoseconds();
  }
  SiftDown(kRoot, {next_beat_ns, entry.slot, ++last_sequence_});
  const uint64_t generation = slot.generation;
  callback();
  if (slot.generation == generation) slot.callback = std::move(callback);
}

void TimerQueue::SiftUp(size_t p, Entry entry) {
  while (p > kRoot) {
    const size_t parent = Parent(p);
    if (!Before(entry, At(parent))) break;
    Place(p, At(parent));
    p = parent;
  }
  Place(p, entry);
}

void TimerQueue::SiftDown(size_t p, Entry entry) {
  while (FirstChild(p) < End()) {
    size_t earliest = FirstChild(p);
    const size_t end = std::min(earliest + kArity, End());
    for (size_t child = earliest + 1; child < end; ++child) {
      if (Before(At(child), At(earliest))) earliest = child;
    }
    if (!Before(At(earliest), entry)) break;
    Place(p, At(earliest));
    p = earliest;
  }
  Place(p, entry);
}

void TimerQueue::RemoveAt(size_t p) {
  --size_;
  const Entry last = At(End());
  if (p == End()) return;
  if (p > kRoot && Before(last, At(Parent(p)))) {
    SiftUp(p, last);
  } else {
    SiftDown(p, last);
  }
}

void TimerQueue::RemoveCancelled() {
  // Ask for all that the second loop is going to read.
  for (size_t i = 0; i < cancelled_count_; ++i) {
    const size_t p = positions_[cancelled_[i]];
    __builtin_prefetch(&At(p), 1);
    __builtin_prefetch(&At(Parent(p)), 1);
    if (FirstChild(p) < End()) __builtin_prefetch(&At(FirstChild(p)), 1);
  }
  for (size_t i = 0; i < cancelled_count_; ++i) {
    RemoveAt(positions_[cancelled_[i]]);
    FreeSlot(cancelled_[i]);
  }
  cancelled_count_ = 0;
}

void TimerQueue::AddChunk() {
  const uint32_t first = static_cast<uint32_t>(positions_.size());
  positions_.resize(first + kSlotsPerChunk);
  heap_.resize((kRoot + positions_.size() + kArity - 1) / kArity);
  chunks_.push_back(std::make_unique<Slot[]>(kSlotsPerChunk));
  for (uint32_t i = kSlotsPerChunk; i-- > 0;) FreeSlot(first + i);
}

void TimerQueue::FreeSlot(uint32_t index) {
  SlotAt(index).next_free = first_free_;
  first_free_ = index;
}

}  // namespace rondo
