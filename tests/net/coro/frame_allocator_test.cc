#include "net/coro/frame_allocator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "tests/net/tcp/scale.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

constexpr size_t kGrain = FrameAllocator::kGrainBytes;

#ifdef ABSL_HAVE_ADDRESS_SANITIZER
constexpr bool kKeeps = false;  // so that it finds uses of freed frames
#else
constexpr bool kKeeps = true;
#endif

TEST(FrameAllocatorTest, EverySizeIsUsableAndAligned) {
  std::vector<std::pair<void*, size_t>> frames;
  for (size_t bytes = 1; bytes <= FrameAllocator::kMaxFrameBytes + 200;
       bytes += 13) {
    void* const frame = FrameAllocator::Allocate(bytes);
    EXPECT_EQ(
        reinterpret_cast<uintptr_t>(frame) % __STDCPP_DEFAULT_NEW_ALIGNMENT__,
        0u);
    std::memset(frame, 0x5a, bytes);
    frames.emplace_back(frame, bytes);
  }
  for (const auto& [frame, bytes] : frames) FrameAllocator::Free(frame, bytes);
}

TEST(FrameAllocatorTest, TheLastOfASizeIsTheNext) {
  if (!kKeeps) return;
  void* const a = FrameAllocator::Allocate(kGrain + 1);
  void* const b = FrameAllocator::Allocate(kGrain + 8);
  FrameAllocator::Free(a, kGrain + 1);
  FrameAllocator::Free(b, kGrain + 8);
  EXPECT_EQ(FrameAllocator::Allocate(kGrain + 8), b);
  EXPECT_EQ(FrameAllocator::Allocate(kGrain + 1), a);
  FrameAllocator::Free(a, kGrain + 1);
  FrameAllocator::Free(b, kGrain + 8);
}

TEST(FrameAllocatorTest, ASizeDoesNotServeAnother) {
  void* const small = FrameAllocator::Allocate(kGrain);
  FrameAllocator::Free(small, kGrain);
  void* const large = FrameAllocator::Allocate(2 * kGrain);
  std::memset(large, 0x5a, 2 * kGrain);
  void* const again = FrameAllocator::Allocate(kGrain);
  if (kKeeps) {
    EXPECT_EQ(again, small);
  }
  FrameAllocator::Free(again, kGrain);
  FrameAllocator::Free(large, 2 * kGrain);
}

// Twice as many as are kept: what is above the bound goes back to the heap.
TEST(FrameAllocatorTest, ManyAreFreedAndAllocatedAgain) {
  constexpr size_t kFrames = 2 * FrameAllocator::kMaxKeptBytes / kGrain;
  for (int round = 0; round < 3; ++round) {
    std::map<void*, size_t> frames;
    for (size_t i = 0; i < kFrames; ++i) {
      void* const frame = FrameAllocator::Allocate(kGrain);
      std::memset(frame, 0x5a, kGrain);
      EXPECT_TRUE(frames.emplace(frame, kGrain).second) << "given twice";
    }
    for (const auto& [frame, bytes] : frames) {
      FrameAllocator::Free(frame, bytes);
    }
  }
}

TEST(FrameAllocatorTest, AnotherThreadMayFreeAndKeepThem) {
  std::vector<void*> frames(100);
  for (void*& frame : frames) frame = FrameAllocator::Allocate(kGrain);
  Thread thread = NewThread("frees", [&] {
    for (void* frame : frames) FrameAllocator::Free(frame, kGrain);
    void* const again = FrameAllocator::Allocate(kGrain);
    if (kKeeps) {
      EXPECT_EQ(again, frames.back());
    }
    FrameAllocator::Free(again, kGrain);
  });
  thread.Join();
}

struct FreesAtItsEnd {
  ~FreesAtItsEnd() {
    if (frame == nullptr) return;
    FrameAllocator::Free(frame, kGrain);
    FrameAllocator::Free(FrameAllocator::Allocate(kGrain), kGrain);
  }
  void* frame = nullptr;
};

// LeakSanitizer says if such frames are left; and thread_local objects end in
// the reverse of their beginning, so one of these ends last.
TEST(FrameAllocatorTest, OtherThreadLocalsMayFreeAtTheEndOfTheThread) {
  Thread thread = NewThread("ends", [] {
    static thread_local FreesAtItsEnd before;
    before.frame = FrameAllocator::Allocate(kGrain);
    FrameAllocator::Free(FrameAllocator::Allocate(kGrain), kGrain);
    static thread_local FreesAtItsEnd after;
    after.frame = FrameAllocator::Allocate(kGrain);
  });
  thread.Join();
}

TEST(FrameAllocatorTest, IsAStandardAllocator) {
  const auto seven = std::allocate_shared<int>(FrameMemory<int>(), 7);
  EXPECT_EQ(*seven, 7);
  std::vector<int, FrameMemory<int>> numbers;
  for (int i = 0; i < 5'000; ++i) numbers.push_back(i);
  EXPECT_EQ(numbers.back(), 4'999);
}

}  // namespace
}  // namespace rondo
