#include "tests/net/tcp/allocation_counter.h"

#include <cstdlib>
#include <new>

namespace rondo {
namespace {

thread_local Allocations allocations;

void* Allocate(size_t bytes, size_t alignment) {
  ++allocations.count;
  allocations.bytes += bytes;
  void* const memory =
      alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
          ? std::malloc(bytes)
          : std::aligned_alloc(alignment,
                               (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

Allocations AllocationsOfThisThread() { return allocations; }

}  // namespace rondo

void* operator new(size_t bytes) { return rondo::Allocate(bytes, 1); }
void* operator new[](size_t bytes) { return rondo::Allocate(bytes, 1); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return rondo::Allocate(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return rondo::Allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
