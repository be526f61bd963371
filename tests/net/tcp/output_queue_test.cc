#include "net/tcp/output_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/net/tcp/output_queue_contents.h"
#include "tests/net/tcp/scale.h"
#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

constexpr int kManyTimes = Scaled(1'000'000);
constexpr size_t kLarge = OutputQueue::kMinSliceBytes;  // a slice of its own

OutputQueue::SharedPayload Shared(size_t bytes, char c) {
  return std::make_shared<const std::string>(bytes, c);
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
  const MemoryFile file = MakeFile("a file with a part");
  append(OutputQueue::FilePiece{file, 14, 4}, "part");
  append(OutputQueue::FilePiece{file, 0, 2}, "a ");
  append(std::string_view("tail"), "tail");
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
  queue.Append(OutputQueue::FilePiece{MakeFile("x"), 0, 0});
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(Slices(queue).empty());
}

TEST(OutputQueueTest, KeepsTheOrderOfAllKinds) {
  OutputQueue queue;
  std::string model;
  AppendOneOfEach(queue, model);
  AppendOneOfEach(queue, model);
  EXPECT_EQ(queue.bytes(), model.size());
  EXPECT_EQ(TakeAll(queue), model);
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
    ASSERT_EQ(queue.bytes(), model.size() - cut);
    ASSERT_EQ(TakeAll(queue), model.substr(cut)) << "cut at " << cut;
    ASSERT_EQ(queue.memory_bytes(), 0u);
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
      ASSERT_EQ(to.bytes(), before.size() + model.size() - cut);
      ASSERT_EQ(TakeAll(to), before + model.substr(cut)) << "cut at " << cut;
      ASSERT_EQ(to.memory_bytes(), 0u);
      ASSERT_TRUE(from.empty());
      ASSERT_EQ(from.memory_bytes(), 0u);
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
  EXPECT_EQ(TakeAll(from), "again");
  EXPECT_EQ(TakeAll(to), "rst second");
}

TEST(OutputQueueTest, MoveToAQueueThatWasEmptied) {
  OutputQueue to;
  to.Append(std::string_view("sent"));
  to.Consume(4);
  OutputQueue from;
  from.Append(Shared(kLarge, 's'));
  from.Consume(10);
  from.MoveTo(to);
  EXPECT_EQ(TakeAll(to), std::string(kLarge - 10, 's'));
}

// --- Files. ------------------------------------------------------------------

TEST(OutputQueueTest, GatherEndsBeforeAFile) {
  const MemoryFile file = MakeFile("file");
  OutputQueue queue;
  queue.Append(std::string_view("head"));
  queue.Append(OutputQueue::FilePiece{file, 0, 4});
  queue.Append(std::string_view("tail"));
  iovec slices[8];
  OutputQueue::Gathered gathered = queue.Gather(slices, 8);
  EXPECT_EQ(gathered.count, 1);
  EXPECT_EQ(gathered.bytes, 4u);
  EXPECT_FALSE(gathered.all);
  EXPECT_EQ(queue.FrontFile(), nullptr);
  queue.Consume(4);
  EXPECT_EQ(queue.Gather(slices, 8).count, 0);
  ASSERT_NE(queue.FrontFile(), nullptr);
  EXPECT_EQ(queue.FrontFile()->file, file);
  queue.Consume(4);
  gathered = queue.Gather(slices, 8);
  EXPECT_EQ(gathered.count, 1);
  EXPECT_TRUE(gathered.all);
  EXPECT_EQ(queue.FrontFile(), nullptr);
}

TEST(OutputQueueTest, GatherTellsWhetherThatIsAll) {
  OutputQueue queue;
  for (char c = 'a'; c < 'd'; ++c) queue.Append(Shared(kLarge, c));
  iovec slices[4];
  EXPECT_FALSE(queue.Gather(slices, 2).all);
  EXPECT_TRUE(queue.Gather(slices, 3).all);
  EXPECT_TRUE(queue.Gather(slices, 4).all);
  EXPECT_EQ(queue.Gather(slices, 2).bytes, 2 * kLarge);
}

TEST(OutputQueueTest, AFileSentInPartBeginsLater) {
  OutputQueue queue;
  queue.Append(OutputQueue::FilePiece{MakeFile(""), 100, 50});
  queue.Consume(20);
  EXPECT_EQ(queue.FrontFile()->offset, 120u);
  EXPECT_EQ(queue.FrontFile()->bytes, 30u);
  OutputQueue to;
  to.Append(std::string_view("before"));
  queue.MoveTo(to);
  to.Consume(6 + 10);
  EXPECT_EQ(to.FrontFile()->offset, 130u);
  EXPECT_EQ(to.FrontFile()->bytes, 20u);
  EXPECT_EQ(to.bytes(), 20u);
}

TEST(OutputQueueTest, FilesAreLetGoWhenSentOrDropped) {
  const MemoryFile file = MakeFile("");
  OutputQueue queue;
  queue.Append(OutputQueue::FilePiece{file, 0, 10});
  queue.Append(OutputQueue::FilePiece{file, 0, 10});
  queue.Consume(9);
  EXPECT_EQ(file.use_count(), 3);
  queue.Consume(1);
  EXPECT_EQ(file.use_count(), 2);
  queue.Clear();
  EXPECT_EQ(file.use_count(), 1);
}

TEST(OutputQueueTest, FilesAreNotMemory) {
  OutputQueue queue;
  queue.Append(std::string_view("12345"));
  queue.Append(OutputQueue::FilePiece{MakeFile(""), 0, 1'000});
  queue.Append(Shared(kLarge, 's'));
  EXPECT_EQ(queue.bytes(), 1'005 + kLarge);
  EXPECT_EQ(queue.memory_bytes(), 5 + kLarge);
  queue.Consume(505);
  EXPECT_EQ(queue.bytes(), 500 + kLarge);
  EXPECT_EQ(queue.memory_bytes(), kLarge);
  queue.Consume(500);
  EXPECT_EQ(queue.memory_bytes(), kLarge);
  queue.Append(OutputQueue::FilePiece{MakeFile(""), 0, 1'000});
  OutputQueue to;
  queue.MoveTo(to);
  EXPECT_EQ(queue.memory_bytes(), 0u);
  EXPECT_EQ(to.memory_bytes(), kLarge);
  to.Clear();
  EXPECT_EQ(to.memory_bytes(), 0u);
}

// What is left in an emptied queue for the next small pieces is not in the way.
TEST(OutputQueueTest, AFileInAQueueThatWasEmptied) {
  OutputQueue queue;
  queue.Append(std::string_view("sent"));
  queue.Consume(4);
  queue.Append(OutputQueue::FilePiece{MakeFile("file"), 0, 4});
  EXPECT_EQ(TakeAll(queue), "file");
}

// --- Memory. -----------------------------------------------------------------

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
  EXPECT_EQ(TakeAll(queue).size(), 6u);
}

}  // namespace
}  // namespace rondo
