#include "examples/designs/holds.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "tests/testing/threads.h"

namespace rondo::examples {
namespace {

TEST(HoldsTest, CountsASecondHolderOfTheSame) {
  Holds holds;
  std::atomic<int> one = 0, another = 0;
  const Holds::Hold first(holds, one);
  const Holds::Hold other(holds, another);
  EXPECT_EQ(holds.conflicts(), 0);
  const Holds::Hold second(holds, one);
  EXPECT_EQ(holds.conflicts(), 1);
}

TEST(HoldsTest, OneAfterAnotherIsNoConflict) {
  Holds holds;
  std::atomic<int> one = 0;
  for (int i = 0; i < 3; ++i) const Holds::Hold hold(holds, one);
  EXPECT_EQ(holds.conflicts(), 0);
}

TEST(HoldsTest, CountsEachOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 1'000;
  Holds holds;
  std::atomic<int> one = 0;
  {
    const Holds::Hold first(holds, one);
    std::vector<Thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.push_back(NewThread("worker", [&] {
        for (int k = 0; k < kTimes; ++k) const Holds::Hold hold(holds, one);
      }));
    }
  }
  EXPECT_EQ(holds.conflicts(), kThreads * kTimes);
  EXPECT_EQ(one, 0);
}

// Nothing else orders what they do, as ThreadSanitizer would find.
TEST(HoldsTest, WhatAHolderHasDoneIsSeenByTheNext) {
  Holds holds;
  std::atomic<int> one = 0;
  int done = 0;
  std::optional<Holds::Hold> first(std::in_place, holds, one);
  Thread thread = NewThread("first", [&] {
    done = 1;
    first.reset();
  });
  while (one.load(std::memory_order_relaxed) > 0) std::this_thread::yield();
  const Holds::Hold second(holds, one);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(holds.conflicts(), 0);
}

}  // namespace
}  // namespace rondo::examples
