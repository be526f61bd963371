#include "net/tcp/output_flush.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMost = kMaxFileBytesPerFlush;

// Takes everything, unless there is an answer for the next call; writes down
// what it was asked.
class PlayedTransport final : public Transport {
 public:
  PlayedTransport() : Transport(Socket()) {}

  IoResult Write(const iovec* slices, int count, bool more) override {
    size_t offered = 0;
    for (int i = 0; i < count; ++i) offered += slices[i].iov_len;
    calls_.push_back("write " + std::to_string(offered) +
                     (more ? " more" : ""));
    return Answer(offered);
  }

  IoResult SendFile(int file, uint64_t offset, size_t bytes) override {
    EXPECT_GE(file, 0);
    calls_.push_back("file " + std::to_string(offset) + "+" +
                     std::to_string(bytes));
    return Answer(bytes);
  }

  // What the next call without an answer does.
  void Return(IoResult result) { answers_.push_back(result); }

  std::vector<std::string> Calls() { return std::exchange(calls_, {}); }

 private:
  IoResult Answer(size_t offered) {
    if (answers_.empty()) return {.bytes = offered};
    IoResult result = answers_.front();
    answers_.pop_front();
    result.bytes = std::min(result.bytes, offered);
    return result;
  }

  std::deque<IoResult> answers_;
  std::vector<std::string> calls_;
};

class OutputFlushTest : public ::testing::Test {
 protected:
  void AppendBytes(size_t bytes) { output_.Append(std::string(bytes, 'x')); }
  void AppendFile(uint64_t offset, size_t bytes) {
    output_.Append(OutputQueue::FilePiece{file_, offset, bytes});
  }

  Flushed Flush(bool fin_follows = false) {
    return FlushOutput(output_, transport_, fin_follows);
  }

  const MemoryFile file_ = MakeFile("");  // the transport does not read it
  PlayedTransport transport_;
  OutputQueue output_;
};

// --- Which calls. ------------------------------------------------------------

TEST_F(OutputFlushTest, BytesLeaveInOneWrite) {
  AppendBytes(10);
  AppendBytes(2'000);
  const Flushed flushed = Flush();
  EXPECT_EQ(flushed.bytes, 2'010u);
  EXPECT_FALSE(flushed.failure.has_value());
  EXPECT_TRUE(output_.empty());
  EXPECT_THAT(transport_.Calls(), ElementsAre("write 2010"));
}

TEST_F(OutputFlushTest, WhatIsBeforeAFileIsMarkedSo) {
  AppendBytes(10);
  AppendFile(7, 100);
  AppendBytes(5);
  AppendFile(300, 200);
  AppendBytes(3);
  EXPECT_EQ(Flush().bytes, 318u);
  EXPECT_THAT(transport_.Calls(),
              ElementsAre("write 10 more", "file 7+100", "write 5 more",
                          "file 300+200", "write 3"));
}

TEST_F(OutputFlushTest, WhatIsBeforeTheEndIsMarkedSo) {
  AppendBytes(10);
  Flush(/*fin_follows=*/true);
  EXPECT_THAT(transport_.Calls(), ElementsAre("write 10 more"));
}

// What is marked waits for more, 200 ms.
TEST_F(OutputFlushTest, WhatIsBeforeNothingIsNotMarkedHoweverManyPieces) {
  for (int i = 0; i < 64; ++i) AppendBytes(1'024);
  Flush();
  EXPECT_THAT(transport_.Calls(), ElementsAre("write 65536"));
  for (int i = 0; i < 65; ++i) AppendBytes(1'024);
  Flush();
  EXPECT_THAT(transport_.Calls(),
              ElementsAre("write 65536 more", "write 1024"));
}

TEST_F(OutputFlushTest, AFileThatIsSentIsLetGo) {
  AppendFile(0, 100);
  AppendFile(0, 100);
  transport_.Return({.bytes = 100});
  transport_.Return({.bytes = 1});
  EXPECT_EQ(file_.use_count(), 3);
  Flush();
  EXPECT_EQ(file_.use_count(), 2);
  Flush();
  EXPECT_EQ(file_.use_count(), 1);
}

// --- What is taken in part. --------------------------------------------------

TEST_F(OutputFlushTest, AShortWriteIsTheLastCall) {
  for (int i = 0; i < 65; ++i) AppendBytes(1'024);
  AppendFile(0, 100);
  transport_.Return({.bytes = 1'000});
  EXPECT_EQ(Flush().bytes, 1'000u);
  EXPECT_THAT(transport_.Calls(), ElementsAre("write 65536 more"));
  EXPECT_EQ(output_.bytes(), 65u * 1'024 - 1'000 + 100);
}

TEST_F(OutputFlushTest, AFileTakenInPartIsTheLastCall) {
  AppendFile(50, 100);
  AppendBytes(5);
  transport_.Return({.bytes = 30});
  EXPECT_EQ(Flush().bytes, 30u);
  EXPECT_THAT(transport_.Calls(), ElementsAre("file 50+100"));
  EXPECT_EQ(Flush().bytes, 75u);
  EXPECT_THAT(transport_.Calls(), ElementsAre("file 80+70", "write 5"));
}

TEST_F(OutputFlushTest, WhatMayBeRetriedIsNoFailure) {
  for (const int error : {EAGAIN, EINTR}) {
    AppendBytes(5);
    AppendFile(0, 100);
    transport_.Return({.error = error});
    Flushed flushed = Flush();
    EXPECT_EQ(flushed.bytes, 0u);
    EXPECT_FALSE(flushed.failure.has_value());
    EXPECT_THAT(transport_.Calls(), ElementsAre("write 5 more"));
    transport_.Return({.bytes = 5});
    transport_.Return({.error = error});
    flushed = Flush();
    EXPECT_EQ(flushed.bytes, 5u);
    EXPECT_FALSE(flushed.failure.has_value());
    EXPECT_THAT(transport_.Calls(), ElementsAre("write 5 more", "file 0+100"));
    EXPECT_EQ(Flush().bytes, 100u);
    EXPECT_THAT(transport_.Calls(), ElementsAre("file 0+100"));
  }
}

// --- The budget. -------------------------------------------------------------

TEST_F(OutputFlushTest, OfALargeFileItSendsABoundedPart) {
  AppendBytes(10);
  AppendFile(1, 2 * kMost + 5);
  AppendBytes(3);
  const std::string most = "+" + std::to_string(kMost);
  EXPECT_EQ(Flush().bytes, kMost + 10);
  EXPECT_THAT(transport_.Calls(),
              ElementsAre("write 10 more", "file 1" + most));
  EXPECT_EQ(Flush().bytes, kMost);
  EXPECT_THAT(transport_.Calls(),
              ElementsAre("file " + std::to_string(1 + kMost) + most));
  EXPECT_EQ(Flush().bytes, 8u);
  EXPECT_THAT(
      transport_.Calls(),
      ElementsAre("file " + std::to_string(1 + 2 * kMost) + "+5", "write 3"));
}

TEST_F(OutputFlushTest, OfSeveralFilesItSendsABoundedPart) {
  for (int i = 0; i < 3; ++i) AppendFile(0, kMost / 2);
  EXPECT_EQ(Flush().bytes, kMost);
  EXPECT_EQ(Flush().bytes, kMost / 2);
  EXPECT_TRUE(output_.empty());
}

TEST_F(OutputFlushTest, OfManySmallFilesItSendsSomeOnly) {
  const size_t most_calls = kMost / kMinFileCostBytes;
  for (size_t i = 0; i < most_calls + 1; ++i) {
    AppendFile(i, 1);
    AppendBytes(1);
  }
  EXPECT_EQ(Flush().bytes, 2 * most_calls - 1);
  EXPECT_EQ(transport_.Calls().size(), 2 * most_calls - 1);
  EXPECT_EQ(Flush().bytes, 3u);
}

TEST_F(OutputFlushTest, AFileThatUsesTheBudgetUpIsSentWhole) {
  AppendFile(0, kMost);
  EXPECT_EQ(Flush().bytes, kMost);
  EXPECT_TRUE(output_.empty());
}

// --- Failures. ---------------------------------------------------------------

TEST_F(OutputFlushTest, AFileThatEndsBeforeItsPieceIsAFailure) {
  AppendBytes(10);
  AppendFile(0, 100);
  transport_.Return({.bytes = 10});
  transport_.Return({.bytes = 60});
  Flushed flushed = Flush();
  EXPECT_EQ(flushed.bytes, 70u);
  EXPECT_FALSE(flushed.failure.has_value());
  transport_.Return({.bytes = 0});
  flushed = Flush();
  EXPECT_EQ(flushed.bytes, 0u);
  EXPECT_EQ(flushed.failure, CloseReason::kFileError);
  EXPECT_EQ(output_.bytes(), 40u);
}

TEST_F(OutputFlushTest, WhatLeftBeforeAFailureCounts) {
  AppendBytes(10);
  AppendFile(0, 100);
  transport_.Return({.bytes = 10});
  transport_.Return({.error = EIO});
  const Flushed flushed = Flush();
  EXPECT_EQ(flushed.bytes, 10u);
  EXPECT_EQ(flushed.failure, CloseReason::kFileError);
}

struct ErrorCase {
  int error;
  CloseReason of_file;
  CloseReason of_bytes;
};

constexpr auto kFile = CloseReason::kFileError;
constexpr auto kReset = CloseReason::kPeerReset;
constexpr auto kSocket = CloseReason::kSocketError;

constexpr ErrorCase kErrors[] = {
    {EIO, kFile, kSocket},         {EINVAL, kFile, kSocket},
    {ENOSYS, kFile, kSocket},      {EBADF, kFile, kSocket},
    {ESTALE, kFile, kSocket},      {EISDIR, kFile, kSocket},
    {EOVERFLOW, kFile, kSocket},   {ESPIPE, kFile, kSocket},
    {ECONNRESET, kReset, kReset},  {EPIPE, kReset, kReset},
    {ETIMEDOUT, kSocket, kSocket}, {EHOSTUNREACH, kSocket, kSocket},
};

TEST_F(OutputFlushTest, ErrorsOfFilesAndOfSocketsAreToldApart) {
  for (const ErrorCase& c : kErrors) {
    SCOPED_TRACE(c.error);
    AppendFile(0, 100);
    transport_.Return({.error = c.error});
    EXPECT_EQ(Flush().failure, c.of_file);
    output_.Clear();
    AppendBytes(100);
    transport_.Return({.error = c.error});
    EXPECT_EQ(Flush().failure, c.of_bytes);
    output_.Clear();
  }
}

TEST_F(OutputFlushTest, AFailureIsTheLastCall) {
  AppendFile(0, 100);
  AppendBytes(100);
  transport_.Return({.error = EPIPE});
  Flush();
  EXPECT_THAT(transport_.Calls(), ElementsAre("file 0+100"));
  EXPECT_THAT(transport_.Calls(), IsEmpty());
  EXPECT_EQ(output_.bytes(), 200u);
}

}  // namespace
}  // namespace rondo
