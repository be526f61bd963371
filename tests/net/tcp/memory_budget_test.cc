#include "net/tcp/memory_budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace rondo {
namespace {

constexpr size_t kChunk = MemoryShare::kChunkBytes;

TEST(MemoryBudgetTest, BeginsWithNothingUsed) {
  const MemoryBudget budget(100);
  EXPECT_EQ(budget.limit_bytes(), 100u);
  EXPECT_EQ(budget.used_bytes(), 0u);
  EXPECT_FALSE(budget.low());
  EXPECT_FALSE(budget.exhausted());
  EXPECT_TRUE(budget.recovered());
}

TEST(MemoryBudgetTest, IsLowAboveSevenEighths) {
  MemoryBudget budget(8 * kChunk);
  MemoryShare share(budget);
  share.Add(7 * kChunk);
  EXPECT_FALSE(budget.low());
  share.Add(1);
  EXPECT_TRUE(budget.low());
}

TEST(MemoryBudgetTest, HasRecoveredAtThreeQuarters) {
  MemoryBudget budget(8 * kChunk);
  MemoryShare share(budget);
  share.Add(6 * kChunk);
  EXPECT_TRUE(budget.recovered());
  share.Add(1);
  EXPECT_FALSE(budget.recovered());
  EXPECT_FALSE(budget.low());
}

TEST(MemoryBudgetTest, IsExhaustedAboveTheLimit) {
  MemoryBudget budget(8 * kChunk);
  MemoryShare share(budget);
  share.Add(8 * kChunk);
  EXPECT_FALSE(budget.exhausted());
  share.Add(1);
  EXPECT_TRUE(budget.exhausted());
}

TEST(MemoryBudgetTest, ANewLimitCountsAtOnce) {
  MemoryBudget budget(8 * kChunk);
  MemoryShare share(budget);
  share.Add(6 * kChunk);
  budget.SetLimit(5 * kChunk);
  EXPECT_EQ(budget.limit_bytes(), 5 * kChunk);
  EXPECT_TRUE(budget.exhausted());
  budget.SetLimit(8 * kChunk);
  EXPECT_TRUE(budget.recovered());
}

TEST(MemoryBudgetTest, SharesAddUp) {
  MemoryBudget budget(100 * kChunk);
  MemoryShare one(budget);
  std::optional<MemoryShare> two(budget);
  one.Add(2 * kChunk);
  two->Add(3 * kChunk);
  EXPECT_EQ(budget.used_bytes(), 5 * kChunk);
  two.reset();
  EXPECT_EQ(budget.used_bytes(), 2 * kChunk);
}

TEST(MemoryBudgetTest, OfTheProcessIsOneAndHasALimit) {
  EXPECT_EQ(&MemoryBudget::Process(), &MemoryBudget::Process());
  EXPECT_GT(MemoryBudget::Process().limit_bytes(), size_t{1 << 20});
  EXPECT_TRUE(MemoryBudget::Process().recovered());
}

TEST(MemoryShareTest, TakesWholeChunks) {
  MemoryBudget budget(100 * kChunk);
  MemoryShare share(budget);
  share.Add(1);
  EXPECT_EQ(share.held_bytes(), 1u);
  EXPECT_EQ(budget.used_bytes(), kChunk);
  share.Add(kChunk - 1);
  EXPECT_EQ(budget.used_bytes(), kChunk);
  share.Add(1);
  EXPECT_EQ(budget.used_bytes(), 2 * kChunk);
}

TEST(MemoryShareTest, KeepsOneChunkMoreThanItNeeds) {
  MemoryBudget budget(100 * kChunk);
  MemoryShare share(budget);
  share.Add(10 * kChunk);
  share.Remove(kChunk);
  EXPECT_EQ(budget.used_bytes(), 10 * kChunk);
  share.Remove(5 * kChunk);
  EXPECT_EQ(budget.used_bytes(), 5 * kChunk);
  share.Remove(4 * kChunk);
  EXPECT_EQ(share.held_bytes(), 0u);
  EXPECT_EQ(budget.used_bytes(), kChunk);
}

TEST(MemoryShareTest, AtItsEdgeDoesNotGoToAndFro) {
  MemoryBudget budget(100 * kChunk);
  MemoryShare share(budget);
  share.Add(4 * kChunk + 1);
  const size_t used = budget.used_bytes();
  for (int i = 0; i < 3; ++i) {
    share.Remove(2);
    EXPECT_EQ(budget.used_bytes(), used);
    share.Add(2);
    EXPECT_EQ(budget.used_bytes(), used);
  }
}

TEST(MemoryShareTest, ReturnsAllWhenDestroyed) {
  MemoryBudget budget(100 * kChunk);
  {
    MemoryShare share(budget);
    share.Add(3 * kChunk + 17);
    share.Remove(1);
  }
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST(MemoryShareTest, OfSeveralThreadsLoseNothing) {
  MemoryBudget budget(SIZE_MAX);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      MemoryShare share(budget);
      for (int n = 0; n < 1'000; ++n) {
        share.Add(3 * kChunk);
        EXPECT_GE(budget.used_bytes(), 3 * kChunk);
        share.Remove(3 * kChunk);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

}  // namespace
}  // namespace rondo
