#ifndef RONDO_BASE_RING_QUEUE_H_
#define RONDO_BASE_RING_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace rondo {

// A queue in one block of memory, which grows to the most that it has held and
// is kept: in steady state it asks for none, where std::deque takes and returns
// one now and then.
//
//   slots:  [ 5 | 6 |   |   |   | 2 | 3 | 4 ]   first at 2, six of eight
//
// Threading: not synchronised.
// Errors: a move that throws while it grows may leave values moved from.
template <typename T>
class RingQueue {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // Requires: not empty.
  T& front() { return *slots_[first_]; }
  void PopFront() {
    slots_[first_].reset();
    first_ = Wrap(first_ + 1);
    --size_;
  }

  void PushBack(T&& value) {
    if (size_ == slots_.size()) Grow();
    slots_[Wrap(first_ + size_)].emplace(std::move(value));
    ++size_;
  }

 private:
  static constexpr size_t kFewestSlots = 4;

  size_t Wrap(size_t slot) const { return slot & (slots_.size() - 1); }

  void Grow() {
    std::vector<std::optional<T>> more(std::max(kFewestSlots, 2 * size_));
    for (size_t i = 0; i < size_; ++i) {
      more[i].emplace(std::move(*slots_[Wrap(first_ + i)]));
    }
    slots_ = std::move(more);
    first_ = 0;
  }

  std::vector<std::optional<T>> slots_;  // none, or a power of two
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace rondo

#endif  // RONDO_BASE_RING_QUEUE_H_
