#include "base/mpsc_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Node {
  Node* next = nullptr;
  int producer = 0;
  int value = 0;
};
using Queue = MpscQueue<Node>;
using PushResult = Queue::PushResult;

Node MakeNode(int value) {
  return {.next = nullptr, .producer = 0, .value = value};
}

std::vector<int> Values(Queue::Chain chain) {
  std::vector<int> values;
  const Node* last = nullptr;
  for (const Node* n = chain.first; n != nullptr; n = n->next) {
    values.push_back(n->value);
    last = n;
  }
  EXPECT_EQ(last, chain.last);
  return values;
}

TEST(MpscQueueTest, ReturnsNodesOldestFirst) {
  Queue queue;
  Node nodes[] = {MakeNode(1), MakeNode(2), MakeNode(3)};
  for (Node& node : nodes) EXPECT_EQ(queue.Push(&node), PushResult::kQueued);
  EXPECT_THAT(Values(queue.PopAll()), ElementsAre(1, 2, 3));
  EXPECT_THAT(Values(queue.PopAll()), IsEmpty());
}

TEST(MpscQueueTest, NodesCanBePushedAgain) {
  Queue queue;
  Node a = MakeNode(1);
  Node b = MakeNode(2);
  queue.Push(&a);
  queue.Push(&b);
  queue.PopAll();
  queue.Push(&b);
  queue.Push(&a);
  EXPECT_THAT(Values(queue.PopAll()), ElementsAre(2, 1));
}

TEST(MpscQueueTest, OnlyTheFirstPushWakesASleeper) {
  Queue queue;
  Node nodes[] = {MakeNode(1), MakeNode(2)};
  ASSERT_TRUE(queue.TrySleep());
  EXPECT_EQ(queue.Push(&nodes[0]), PushResult::kWakeConsumer);
  EXPECT_EQ(queue.Push(&nodes[1]), PushResult::kQueued);
  EXPECT_FALSE(queue.WakeUp());  // the push has done it
  EXPECT_THAT(Values(queue.PopAll()), ElementsAre(1, 2));
}

TEST(MpscQueueTest, DoesNotSleepOverWork) {
  Queue queue;
  Node node = MakeNode(1);
  queue.Push(&node);
  EXPECT_FALSE(queue.TrySleep());
  EXPECT_THAT(Values(queue.PopAll()), ElementsAre(1));
  EXPECT_TRUE(queue.TrySleep());
}

TEST(MpscQueueTest, WakeUpTakesSleepBack) {
  Queue queue;
  Node node = MakeNode(1);
  ASSERT_TRUE(queue.TrySleep());
  EXPECT_TRUE(queue.WakeUp());
  EXPECT_EQ(queue.Push(&node), PushResult::kQueued);
  EXPECT_FALSE(queue.WakeUp());  // keeps what was pushed
  EXPECT_THAT(Values(queue.PopAll()), ElementsAre(1));
}

TEST(MpscQueueTest, PopAllLeavesASleeperAsleep) {
  Queue queue;
  Node node = MakeNode(1);
  ASSERT_TRUE(queue.TrySleep());
  EXPECT_THAT(Values(queue.PopAll()), IsEmpty());
  EXPECT_EQ(queue.Push(&node), PushResult::kWakeConsumer);
  queue.PopAll();
}

TEST(MpscQueueTest, CloseReturnsWhatWaitedAndRefusesTheRest) {
  Queue queue;
  Node nodes[] = {MakeNode(1), MakeNode(2), MakeNode(3)};
  queue.Push(&nodes[0]);
  queue.Push(&nodes[1]);
  EXPECT_FALSE(queue.closed());
  EXPECT_THAT(Values(queue.Close()), ElementsAre(1, 2));
  EXPECT_TRUE(queue.closed());
  EXPECT_EQ(queue.Push(&nodes[2]), PushResult::kClosed);
  EXPECT_THAT(Values(queue.PopAll()), IsEmpty());
  EXPECT_FALSE(queue.TrySleep());
  queue.WakeUp();
  EXPECT_TRUE(queue.closed());
  EXPECT_THAT(Values(queue.Close()), IsEmpty());
}

TEST(MpscQueueTest, CloseWhileAsleepReturnsNothing) {
  Queue queue;
  ASSERT_TRUE(queue.TrySleep());
  EXPECT_THAT(Values(queue.Close()), IsEmpty());
}

// Many producers and a consumer that really sleeps: a lost wake-up hangs.
class MpscQueueThreadsTest : public ::testing::Test {
 protected:
  static constexpr int kProducers = 4;
  static constexpr int kNodesEach = 20'000;

  void Produce(int producer) {
    for (Node& node : nodes_[producer]) {
      if (queue_.Push(&node) == PushResult::kWakeConsumer) {
        ++wakes_;
        wake_.release();
      }
    }
  }

  void Consume() {
    int received = 0;
    while (received < kProducers * kNodesEach) {
      if (queue_.TrySleep()) {
        ++sleeps_;
        wake_.acquire();
      }
      received += Check(queue_.PopAll());
    }
  }

  // Each producer's nodes come in its order. Returns how many came.
  int Check(Queue::Chain chain) {
    int count = 0;
    for (const Node* n = chain.first; n != nullptr; n = n->next, ++count) {
      EXPECT_EQ(n->value, next_[n->producer]++);
    }
    return count;
  }

  void MakeNodes() {
    for (int p = 0; p < kProducers; ++p) {
      for (int i = 0; i < kNodesEach; ++i) {
        nodes_[p].push_back({.next = nullptr, .producer = p, .value = i});
      }
    }
  }

  Queue queue_;
  std::counting_semaphore<> wake_{0};
  std::vector<Node> nodes_[kProducers];
  int next_[kProducers] = {};
  std::atomic<int> wakes_{0};
  int sleeps_ = 0;
};

TEST_F(MpscQueueThreadsTest, KeepsEachProducersOrderAndLosesNoWakeUp) {
  MakeNodes();
  {
    std::vector<Thread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.push_back(NewThread("producer", [this, p] { Produce(p); }));
    }
    Consume();
  }
  for (int next : next_) EXPECT_EQ(next, kNodesEach);
  EXPECT_EQ(wakes_, sleeps_);
}

TEST_F(MpscQueueThreadsTest, EveryNodeIsEitherReturnedOrRefusedByClose) {
  MakeNodes();
  std::atomic<int> refused{0};
  int returned = 0;
  {
    std::vector<Thread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.push_back(NewThread("producer", [&, p] {
        for (Node& node : nodes_[p]) {
          refused += queue_.Push(&node) == PushResult::kClosed;
        }
      }));
    }
    while (returned < kNodesEach) returned += Check(queue_.PopAll());
    returned += Check(queue_.Close());
  }
  EXPECT_EQ(returned + refused, kProducers * kNodesEach);
}

}  // namespace
}  // namespace rondo
