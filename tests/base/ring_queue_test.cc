#include "base/ring_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace rondo {
namespace {

TEST(RingQueueTest, IsFirstInFirstOut) {
  RingQueue<int> queue;
  EXPECT_TRUE(queue.empty());
  for (int i = 0; i < 100; ++i) queue.PushBack(std::move(i));
  EXPECT_EQ(queue.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(queue.front(), i);
    queue.PopFront();
  }
  EXPECT_TRUE(queue.empty());
}

// Grown from each place that the first of its values can be at.
TEST(RingQueueTest, KeepsItsOrderWhereverItGrows) {
  for (int turned = 0; turned < 8; ++turned) {
    RingQueue<std::unique_ptr<int>> queue;
    for (int i = 0; i < 5; ++i) queue.PushBack(nullptr);  // eight slots
    for (int i = 0; i < turned; ++i) {
      queue.PushBack(nullptr);
      queue.PopFront();
    }
    for (int i = 0; i < 20; ++i) queue.PushBack(std::make_unique<int>(i));
    for (int i = 0; i < 5; ++i) queue.PopFront();
    for (int i = 0; i < 20; ++i) {
      ASSERT_NE(queue.front(), nullptr) << "turned by " << turned;
      EXPECT_EQ(*queue.front(), i) << "turned by " << turned;
      queue.PopFront();
    }
  }
}

TEST(RingQueueTest, DestroysWhatItGivesAtOnceAndTheRestAtItsEnd) {
  const auto value = std::make_shared<int>();
  {
    RingQueue<std::shared_ptr<int>> queue;
    for (int i = 0; i < 10; ++i) queue.PushBack(std::shared_ptr<int>(value));
    EXPECT_EQ(value.use_count(), 11);
    for (int i = 0; i < 4; ++i) queue.PopFront();
    EXPECT_EQ(value.use_count(), 7);
  }
  EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
}  // namespace rondo
