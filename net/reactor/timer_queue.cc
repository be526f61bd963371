#include "net/reactor/timer_queue.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace rondo {

TimerId TimerQueue::Add(MonotonicTime deadline, absl::Duration interval,
                        Callback cb) {
  DCHECK(interval >= absl::ZeroDuration());
  const uint32_t index = NewSlot();
  Slot& slot = SlotAt(index);
  slot.callback = std::move(cb);
  slot.interval_ns = absl::ToInt64Nanoseconds(interval);
  slot.sequence = ++last_sequence_;
  Push({deadline.nanoseconds(), index});
  return TimerId(index, slot.generation);
}

bool TimerQueue::Cancel(TimerId id) {
  if (id.slot_ >= positions_.size()) return false;
  if (SlotAt(id.slot_).generation != id.generation_) return false;
  RemoveAt(positions_[id.slot_]);
  FreeSlot(id.slot_);
  return true;
}

int TimerQueue::RunDue(MonotonicTime now, int budget) {
  const uint64_t last_before = last_sequence_;
  int ran = 0;
  while (ran < budget && NextDeadline() <= now &&
         SlotAt(Root().slot).sequence <= last_before) {
    RunRoot(now);
    ++ran;
  }
  return ran;
}

void TimerQueue::RunRoot(MonotonicTime now) {
  const Entry entry = Root();
  Slot& slot = SlotAt(entry.slot);  // slots never move
  // Run from here: the callback may cancel its own timer.
  Callback callback = std::move(slot.callback);
  if (slot.interval_ns == 0) {
    RemoveAt(kRoot);
    FreeSlot(entry.slot);
    callback();
    return;
  }
  const int64_t late_ns = now.nanoseconds() - entry.deadline_ns;
  const int64_t beats = late_ns / slot.interval_ns + 1;
  slot.sequence = ++last_sequence_;
  SiftDown(kRoot, {entry.deadline_ns + beats * slot.interval_ns, entry.slot});
  const uint64_t generation = slot.generation;
  callback();
  if (slot.generation == generation) slot.callback = std::move(callback);
}

bool TimerQueue::Before(const Entry& a, const Entry& b) {
  if (a.deadline_ns != b.deadline_ns) return a.deadline_ns < b.deadline_ns;
  return SlotAt(a.slot).sequence < SlotAt(b.slot).sequence;
}

void TimerQueue::Place(size_t p, const Entry& entry) {
  At(p) = entry;
  positions_[entry.slot] = static_cast<uint32_t>(p);
}

void TimerQueue::SiftUp(size_t p, const Entry& entry) {
  while (p > kRoot && Before(entry, At(Parent(p)))) {
    Place(p, At(Parent(p)));
    p = Parent(p);
  }
  Place(p, entry);
}

void TimerQueue::SiftDown(size_t p, const Entry& entry) {
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

void TimerQueue::Push(const Entry& entry) {
  const size_t p = End();
  if (p / kArity >= heap_.size()) heap_.emplace_back();
  ++size_;
  SiftUp(p, entry);
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

uint32_t TimerQueue::NewSlot() {
  if (first_free_ != kNoSlot) {
    const uint32_t index = first_free_;
    first_free_ = SlotAt(index).next_free;
    return index;
  }
  const uint32_t index = static_cast<uint32_t>(positions_.size());
  if (index % kSlotsPerChunk == 0) {
    chunks_.push_back(std::make_unique<Slot[]>(kSlotsPerChunk));
  }
  positions_.push_back(0);
  return index;
}

void TimerQueue::FreeSlot(uint32_t index) {
  Slot& slot = SlotAt(index);
  ++slot.generation;
  slot.next_free = first_free_;
  first_free_ = index;
  // Last, as its destructor may come back here.
  const Callback destroyed = std::move(slot.callback);
}

}  // namespace rondo
