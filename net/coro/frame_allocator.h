#ifndef RONDO_NET_CORO_FRAME_ALLOCATOR_H_
#define RONDO_NET_CORO_FRAME_ALLOCATOR_H_

#include <cstddef>

namespace rondo {

// Memory for coroutine frames, which come and go in a few sizes: what a thread
// frees it keeps, up to a bound, for the next of that size, without a lock.
//
// Threading: all methods are Thread-safe; what one thread has allocated another
// may free, as when a task moves to another loop.
// Units: bytes.
class FrameAllocator {
 public:
  // Frames are rounded up to what the heap makes of them anyway: 8 bytes more
  // than a multiple of this. Larger ones than the maximum come as they are.
  static constexpr size_t kGrainBytes = 16;
  static constexpr size_t kMaxFrameBytes = 2'048;
  // What a thread keeps of each size.
  static constexpr size_t kMaxKeptBytes = 256 * 1'024;

  static void* Allocate(size_t bytes);
  static void Free(void* frame, size_t bytes) noexcept;
};

// The same as a standard allocator, for what lives as long as an await.
template <typename T>
struct FrameMemory {
  using value_type = T;

  FrameMemory() = default;
  template <typename U>
  FrameMemory(const FrameMemory<U>&) {}  // NOLINT: allocators convert

  T* allocate(size_t count) {
    return static_cast<T*>(FrameAllocator::Allocate(count * sizeof(T)));
  }
  void deallocate(T* memory, size_t count) {
    FrameAllocator::Free(memory, count * sizeof(T));
  }
  friend bool operator==(const FrameMemory&, const FrameMemory&) = default;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_FRAME_ALLOCATOR_H_
