#include "net/tcp/output_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/scale.h"

namespace rondo {
namespace {

constexpr int kManyTimes = Scaled(1'000'000);
constexpr size_t kLarge = OutputQueue::kMinSliceBytes;  // a slice of its own

OutputQueue::SharedPayload Shared(size_t bytes, char c) {
  return std::make_shared<const std::string>(bytes, c);
}

std::vector<iovec> Slices(const OutputQueue& queue, int max = 1'000) {
  std::vector<iovec> slices(max);
  slices.resize(queue.Gather(slices.data(), max));
  return slices;
}

std::string Contents(const OutputQueue& queue) {
  std::string contents;
  for (const iovec& slice : Slices(queue)) {
    EXPECT_GT(slice.iov_len, 0u);
    contents.append(static_cast<const char*>(slice.iov_base), slice.iov_len);
  }
  return contents;
}

// One of each kind, some of them large.
void AppendOneOfEach(OutputQueue& queue, std::string& model) {
  const auto append = [&](auto bytes, const std::string& contents) {
    queue.Append(std::move(bytes));
    model += contents;
  };
  append(std::string_view("copied"), "copied");
  append(std::string(kLarge, 'm'), std::string(kLarge, 'm'));
  append(std::string_view("more"), "more");
  append(Shared(kLarge, 's'), std::string(kLarge, 's'));
  append(std::string("small moved"), "small moved");
  append(Shared(3, 'p'), "ppp");
}

TEST(OutputQueueTest, IsEmptyAtFirst) {
  const OutputQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_TRUE(Slices(queue).empty());
}

TEST(OutputQueueTest, NothingAddsNothing) {
  OutputQueue queue;
  queue.Append(std::string_view());
  queue.Append(std::string());
  queue.Append(OutputQueue::SharedPayload());
  queue.Append(Shared(0, 'x'));
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(Slices(queue).empty());
}

TEST(OutputQueueTest, KeepsTheOrderOfAllKinds) {
  OutputQueue queue;
  std::string model;
  AppendOneOfEach(queue, model);
  AppendOneOfEach(queue, model);
  EXPECT_EQ(Contents(queue), model);
  EXPECT_EQ(queue.bytes(), model.size());
}

TEST(OutputQueueTest, SmallPiecesShareASlice) {
  OutputQueue queue;
  for (int i = 0; i < 100; ++i) {
    queue.Append(std::string_view("view "));
    queue.Append(std::string("string "));
    queue.Append(Shared(kLarge - 1, 's'));
  }
  EXPECT_LE(Slices(queue).size(),
            2 + queue.bytes() / OutputQueue::kMaxCopiedSliceBytes);
}

TEST(OutputQueueTest, LargeStringsAndPayloadsAreNotCopied) {
  OutputQueue queue;
  std::string moved(kLarge, 'm');
  const auto shared = Shared(kLarge, 's');
  const void* const moved_data = moved.data();
  queue.Append(std::move(moved));
  queue.Append(shared);
  const std::vector<iovec> slices = Slices(queue);
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[0].iov_base, moved_data);
  EXPECT_EQ(slices[1].iov_base, shared->data());
  EXPECT_EQ(shared.use_count(), 2);
}

TEST(OutputQueueTest, SmallPayloadsAreLetGoAtOnce) {
  OutputQueue queue;
  const auto small = Shared(kLarge - 1, 's');
  queue.Append(small);
  EXPECT_EQ(small.use_count(), 1);
}

TEST(OutputQueueTest, PayloadsAreLetGoWhenSent) {
  OutputQueue queue;
  const auto first = Shared(kLarge, '1');
  const auto second = Shared(kLarge, '2');
  queue.Append(first);
  queue.Append(second);
  queue.Consume(kLarge - 1);
  EXPECT_EQ(first.use_count(), 2);
  queue.Consume(1);
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(second.use_count(), 2);
  queue.Clear();
  EXPECT_EQ(second.use_count(), 1);
  EXPECT_TRUE(queue.empty());
}

TEST(OutputQueueTest, GatherStopsAtItsMaximum) {
  OutputQueue queue;
  for (char c = 'a'; c < 'f'; ++c) queue.Append(Shared(kLarge, c));
  EXPECT_EQ(Slices(queue, 3).size(), 3u);
  EXPECT_EQ(Slices(queue, 5).size(), 5u);
  EXPECT_EQ(Slices(queue, 6).size(), 5u);
}

TEST(OutputQueueTest, GatherAndConsumeMeetAtEveryByte) {
  std::string model;
  OutputQueue whole;
  AppendOneOfEach(whole, model);
  for (size_t cut = 0; cut <= model.size(); ++cut) {
    OutputQueue queue;
    std::string unused;
    AppendOneOfEach(queue, unused);
    queue.Consume(cut);
    ASSERT_EQ(Contents(queue), model.substr(cut)) << "cut at " << cut;
    ASSERT_EQ(queue.bytes(), model.size() - cut);
    queue.Consume(queue.bytes());
    ASSERT_TRUE(queue.empty());
  }
}

TEST(OutputQueueTest, MoveToKeepsTheOrderWhereverTheFrontIsCut) {
  std::string model;
  OutputQueue whole;
  AppendOneOfEach(whole, model);
  for (size_t cut = 0; cut <= model.size(); ++cut) {
    for (const std::string before : {"", "before "}) {
      OutputQueue from;
      OutputQueue to;
      std::string unused;
      AppendOneOfEach(from, unused);
      from.Consume(cut);
      to.Append(std::string_view(before));
      from.MoveTo(to);
      ASSERT_EQ(Contents(to), before + model.substr(cut)) << "cut at " << cut;
      ASSERT_EQ(to.bytes(), before.size() + model.size() - cut);
      ASSERT_TRUE(from.empty());
      ASSERT_TRUE(Slices(from).empty());
    }
  }
}

TEST(OutputQueueTest, MoveToDoesNotCopyPayloads) {
  OutputQueue from;
  OutputQueue to;
  const auto partly_sent = Shared(kLarge, '1');
  const auto unsent = Shared(kLarge, '2');
  from.Append(partly_sent);
  from.Append(unsent);
  from.Consume(1);
  from.MoveTo(to);
  const std::vector<iovec> slices = Slices(to);
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[0].iov_base, partly_sent->data() + 1);
  EXPECT_EQ(slices[1].iov_base, unsent->data());
  EXPECT_EQ(partly_sent.use_count(), 2);
}

TEST(OutputQueueTest, BothAreUsableAfterMoveTo) {
  OutputQueue from;
  OutputQueue to;
  from.Append(std::string_view("first "));
  from.Consume(2);
  from.MoveTo(to);
  from.Append(std::string_view("again"));
  to.Append(std::string_view("second"));
  EXPECT_EQ(Contents(from), "again");
  EXPECT_EQ(Contents(to), "rst second");
}

TEST(OutputQueueTest, MoveToAQueueThatWasEmptied) {
  OutputQueue to;
  to.Append(std::string_view("sent"));
  to.Consume(4);
  OutputQueue from;
  from.Append(Shared(kLarge, 's'));
  from.Consume(10);
  from.MoveTo(to);
  EXPECT_EQ(Contents(to), std::string(kLarge - 10, 's'));
}

// A queue that is never empty for long must not hold on to what it has sent.
TEST(OutputQueueTest, MemoryIsBoundedWhenItIsNeverEmpty) {
  OutputQueue queue;
  std::vector<OutputQueue::SharedPayload> payloads;
  for (char c = 0; c < 8; ++c) payloads.push_back(Shared(kLarge, c));
  queue.Append(std::string_view("behind by some bytes"));
  size_t most_slices = 0;
  for (int i = 0; i < kManyTimes; ++i) {
    const auto& payload = payloads[i % payloads.size()];
    queue.Append(std::string_view("0123456789"));
    queue.Append(payload);
    queue.Consume(10 + kLarge);
    most_slices = std::max(most_slices, Slices(queue, 100).size());
    ASSERT_EQ(queue.bytes(), 20u);
    ASSERT_LE(payload.use_count(), 3);
  }
  EXPECT_LE(most_slices, 4u);
}

TEST(OutputQueueTest, CopiedSlicesDoNotGrowWhenItIsNeverEmpty) {
  OutputQueue queue;
  queue.Append(std::string_view("behind"));
  for (int i = 0; i < kManyTimes; ++i) {
    queue.Append(std::string_view("0123456789"));
    queue.Consume(10);
    ASSERT_EQ(queue.bytes(), 6u);
  }
  ASSERT_LE(Slices(queue).size(), 2u);
  EXPECT_EQ(Contents(queue).size(), 6u);
}

// --- Against a model. --------------------------------------------------------

class OutputQueueModel {
 public:
  explicit OutputQueueModel(uint32_t seed) : random_(seed) {}

  void Step() {
    switch (Random(0, 7)) {
      case 0:
      case 1:
        queue_.Append(std::string_view(Add(Random(0, 200))));
        break;
      case 2:
        queue_.Append(std::string(Add(Random(0, 3 * kLarge))));
        break;
      case 3:
        queue_.Append(
            std::make_shared<const std::string>(Add(Random(0, 3 * kLarge))));
        break;
      case 4:
      case 5:
        Consume(Random(0, model_.size()));
        break;
      case 6:
        Consume(Random(0, 9) == 0 ? model_.size() : 0);
        break;
      case 7:
        MoveTo(Random(0, 2) == 0);
        break;
    }
    ASSERT_EQ(queue_.bytes(), model_.size());
    ASSERT_EQ(queue_.empty(), model_.empty());
    ASSERT_TRUE(Contents(queue_) == model_);
  }

 private:
  size_t Random(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>(from, to)(random_);
  }

  // Fresh bytes, which the model has already.
  std::string Add(size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    model_ += bytes;
    return bytes;
  }

  void Consume(size_t bytes) {
    queue_.Consume(bytes);
    model_.erase(0, bytes);
  }

  void MoveTo(bool to_one_that_waits) {
    OutputQueue other;
    std::string waiting;
    if (to_one_that_waits) {
      waiting = "waiting";
      other.Append(std::string_view("sent and "));
      other.Append(std::string_view(waiting));
      other.Consume(9);
    }
    queue_.MoveTo(other);
    std::swap(queue_, other);
    model_ = waiting + model_;
  }

  std::mt19937 random_;
  OutputQueue queue_;
  std::string model_;
};

TEST(OutputQueueTest, BehavesLikeAString) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  OutputQueueModel model(seed);
  for (int i = 0; i < 20'000 && !HasFatalFailure(); ++i) model.Step();
}

}  // namespace
}  // namespace rondo
