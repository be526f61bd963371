#ifndef RONDO_NET_TCP_MEMORY_BUDGET_H_
#define RONDO_NET_TCP_MEMORY_BUDGET_H_

#include <atomic>
#include <cstddef>

namespace rondo {

// How much memory all connections of a process may hold together: queued output
// and input that handlers have left. What handlers themselves keep is theirs.
//
//   used │        normal        │ low: nobody is read,  │ exhausted: what asks
//        │                      │ nobody is admitted    │ for more ends
//        0          recovered ◄─┤ 3/4     low ◄─┤ 7/8   │ limit
//
// A loop that cannot read for want of memory ends, after a while, whichever of
// its connections holds most: see ConnectionTable::kMemoryPatience.
//
// Threading: all methods are Thread-safe.
// Ownership and lifetime: outlives the shares taken from it.
// Units: bytes. A loop takes them in chunks, so used_bytes() may exceed what is
// held by a chunk or two for each loop.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t limit_bytes) : limit_(limit_bytes) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // That of the process; at first half of the machine's memory.
  static MemoryBudget& Process();

  void SetLimit(size_t bytes) { limit_ = bytes; }
  size_t limit_bytes() const { return limit_; }
  size_t used_bytes() const { return used_; }

  bool low() const { return used_ > limit_ / 8 * 7; }
  bool recovered() const { return used_ <= limit_ / 4 * 3; }
  bool exhausted() const { return used_ > limit_; }

 private:
  friend class MemoryShare;

  std::atomic<size_t> limit_;
  std::atomic<size_t> used_{0};  // by all shares
};

// What one loop holds of a budget. It takes and returns whole chunks, so that
// loops seldom meet in the budget's cache line.
//
// Threading: one thread at a time.
// Ownership: borrows the budget; returns what it holds when destroyed.
class MemoryShare {
 public:
  static constexpr size_t kChunkBytes = 64 * 1'024;

  explicit MemoryShare(MemoryBudget& budget) : budget_(budget) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare();

  const MemoryBudget& budget() const { return budget_; }
  size_t held_bytes() const { return held_; }

  void Add(size_t bytes);
  // Requires: bytes <= held_bytes().
  void Remove(size_t bytes);

 private:
  MemoryBudget& budget_;
  size_t held_ = 0;
  size_t taken_ = 0;  // from the budget, in chunks; at least held_
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_MEMORY_BUDGET_H_
