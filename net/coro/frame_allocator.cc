#include "net/coro/frame_allocator.h"

#include <new>

#include "absl/base/config.h"

namespace rondo {
namespace {

// AddressSanitizer finds uses of freed frames only if they are really freed.
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
constexpr bool kKeepsFrames = false;
#else
constexpr bool kKeepsFrames = true;
#endif

constexpr size_t kHeaderBytes = 8;  // the heap's own, of each block
constexpr size_t kClasses = (FrameAllocator::kMaxFrameBytes + kHeaderBytes) /
                                FrameAllocator::kGrainBytes +
                            1;

struct FreeFrame {
  FreeFrame* next;
};

struct FreeList {
  FreeFrame* first;
  size_t kept_bytes;
};

// The free frames of this thread, by size. Without a constructor or destructor,
// so that using them costs no check whether they are there.
constinit thread_local FreeList free_lists[kClasses] = {};

size_t BytesOf(size_t size_class) {
  return (size_class + 1) * FrameAllocator::kGrainBytes - kHeaderBytes;
}

void* Take(FreeList& list) {
  FreeFrame* const frame = list.first;
  list.first = frame->next;
  return frame;
}

// Empties them when the thread ends. What is freed later, by destructors of
// other thread-local objects, finds every list full.
struct Cleaner {
  ~Cleaner() {
    for (FreeList& list : free_lists) {
      while (list.first != nullptr) ::operator delete(Take(list));
      list.kept_bytes = FrameAllocator::kMaxKeptBytes;
    }
  }
  // Has the thread make its cleaner.
  void Register() {}
};

thread_local Cleaner cleaner;

bool IsKept(size_t bytes) {
  return kKeepsFrames && bytes > 0 && bytes <= FrameAllocator::kMaxFrameBytes;
}

size_t ClassOf(size_t bytes) {
  return (bytes + kHeaderBytes - 1) / FrameAllocator::kGrainBytes;
}

}  // namespace

void* FrameAllocator::Allocate(size_t bytes) {
  if (!IsKept(bytes)) return ::operator new(bytes);
  const size_t size_class = ClassOf(bytes);
  FreeList& list = free_lists[size_class];
  if (list.first == nullptr) return ::operator new(BytesOf(size_class));
  list.kept_bytes -= BytesOf(size_class);
  return Take(list);
}

void FrameAllocator::Free(void* frame, size_t bytes) noexcept {
  if (!IsKept(bytes)) return ::operator delete(frame);
  const size_t size_class = ClassOf(bytes);
  FreeList& list = free_lists[size_class];
  if (list.kept_bytes + BytesOf(size_class) > kMaxKeptBytes) {
    return ::operator delete(frame);
  }
  if (list.first == nullptr) cleaner.Register();
  list.kept_bytes += BytesOf(size_class);
  list.first = ::new (frame) FreeFrame{list.first};
}

}  // namespace rondo
