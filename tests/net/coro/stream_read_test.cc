#include <gmock/gmock.h>

#include "absl/time/time.h"
#include "net/coro/async_event.h"
#include "net/coro/sleep.h"
#include "net/coro/when_any.h"
#include "net/coro/with_timeout.h"
#include "tests/net/coro/stream_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StreamReadTest : public StreamFixture {};

Task<> ReadToEnd(Stream stream, Log* log) {
  while (true) {
    const auto bytes = co_await stream.Read();
    log->push_back(Told(bytes));
    if (!bytes.ok() || bytes->empty()) co_return;
  }
}

Task<> ReadLines(Stream stream, size_t max_bytes, Log* log) {
  while (true) {
    const auto line = co_await stream.ReadUntil("\r\n", max_bytes);
    log->push_back(Told(line));
    if (!line.ok()) break;
  }
  log->push_back(Told(co_await stream.Read()));
}

// Blocks of four bytes, then what is left.
Task<> ReadBlocks(Stream stream, Log* log) {
  while (true) {
    const auto block = co_await stream.ReadExactly(4);
    log->push_back(Told(block));
    if (!block.ok()) break;
  }
  log->push_back(Told(co_await stream.Read()));
  log->push_back(Told(co_await stream.Read()));
}

TEST_F(StreamReadTest, GivesWhatHasComeAndThenTheEnd) {
  Spawn(loop_.get(), ReadToEnd(Open(), &log_));
  RunSteps(*loop_, Send("one"), Send("two"), SendFin(), UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("'one'", "'two'", "''"));
}

TEST_F(StreamReadTest, GivesAtMostSoMuch) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    for (int i = 0; i < 3; ++i) log->push_back(Told(co_await stream.Read(2)));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, Send("abcde"), UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("'ab'", "'cd'", "'e'"));
}

TEST_F(StreamReadTest, TheEndIsTheEndHoweverOftenItIsRead) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    for (int i = 0; i < 3; ++i) log->push_back(Told(co_await stream.Read()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, SendFin(), UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("''", "''", "''"));
}

class StreamSplitTest : public StreamFixture,
                        public ::testing::WithParamInterface<size_t> {
 protected:
  // Sends `bytes` in two turns, cut at the parameter, and FIN in a third.
  void SendCut(const std::string& bytes) {
    RunSteps(*loop_, Send(bytes.substr(0, GetParam())),
             Send(bytes.substr(GetParam())), SendFin(), Nothing(), Nothing(),
             Nothing());
  }
};

TEST_P(StreamSplitTest, LinesAreTheSameWhereverTheyAreCut) {
  Spawn(loop_.get(), ReadLines(Open(), 100, &log_));
  SendCut("ab\r\n\r\r\n\r\ncd");
  EXPECT_THAT(log_, ElementsAre("'ab\r\n'", "'\r\r\n'", "'\r\n'",
                                "OUT_OF_RANGE", "'cd'"));
}

TEST_P(StreamSplitTest, BlocksAreTheSameWhereverTheyAreCut) {
  Spawn(loop_.get(), ReadBlocks(Open(), &log_));
  SendCut("abcdefghijk");
  EXPECT_THAT(log_,
              ElementsAre("'abcd'", "'efgh'", "OUT_OF_RANGE", "'ijk'", "''"));
}

INSTANTIATE_TEST_SUITE_P(EachByte, StreamSplitTest,
                         ::testing::Range<size_t>(0, 12));

TEST_F(StreamReadTest, AllTogetherIsTheSameToo) {
  Spawn(loop_.get(), ReadBlocks(Open(), &log_));
  Write(peer_, "abcdefghijk");
  shutdown(peer_.get(), SHUT_WR);
  RunSteps(*loop_, UntilLogged(5));
  EXPECT_THAT(log_,
              ElementsAre("'abcd'", "'efgh'", "OUT_OF_RANGE", "'ijk'", "''"));
}

TEST_F(StreamReadTest, ALineThatIsTooLongStaysWhereItIs) {
  Spawn(loop_.get(), ReadLines(Open(), 6, &log_));
  RunSteps(*loop_, Send("1234\r\n12345\r\n"), UntilLogged(3));
  EXPECT_THAT(log_,
              ElementsAre("'1234\r\n'", "RESOURCE_EXHAUSTED", "'12345\r\n'"));
}

TEST_F(StreamReadTest, ALineThatGrowsTooLongInPartsIsNoticed) {
  Spawn(loop_.get(), ReadLines(Open(), 6, &log_));
  RunSteps(*loop_, Send("123"), Send("45"), Send("6"), UntilLogged(1),
           Nothing());
  EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED", "'123456'"));
}

// --- Reads that begin outside the connection's handler. ----------------------

Task<> SleepAndThen(AsyncEvent* event, Task<> then) {
  (void)co_await event->Wait();
  co_await std::move(then);
}

TEST_F(StreamReadTest, WhatNobodyAsksForWaits) {
  AsyncEvent event;
  Spawn(loop_.get(), SleepAndThen(&event, ReadToEnd(Open(), &log_)));
  RunSteps(
      *loop_, Send("one"), Send("two"), Send("three"),
      [&] {
        EXPECT_THAT(log_, IsEmpty());
        EXPECT_LE(connection_->input_bytes(), 3u);
        event.Set();
      },
      Nothing(), Nothing(), SendFin(), Nothing(), Nothing(), Nothing());
  std::string all;
  for (const std::string& part : log_) all += part;
  EXPECT_EQ(all, "'one''twothree'''");
}

TEST_F(StreamReadTest, WhatATaskLeftItReadsAfterItHasWaitedForSomethingElse) {
  static constexpr auto kBody = [](Stream stream, AsyncEvent* event,
                                   Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Read(2)));
    (void)co_await event->Wait();
    log->push_back(Told(co_await stream.ReadExactly(2)));
    log->push_back(Told(co_await stream.Read()));
  };
  AsyncEvent event;
  Spawn(loop_.get(), kBody(Open(), &event, &log_));
  RunSteps(
      *loop_, Send("abcdef"), Nothing(), [&] { event.Set(); }, UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("'ab'", "'cd'", "'ef'"));
}

TEST_F(StreamReadTest, WhatATaskLeftItReadsAfterTheEndToo) {
  static constexpr auto kBody = [](Stream stream, AsyncEvent* event,
                                   Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Read(2)));
    (void)co_await event->Wait();
    log->push_back(Told(co_await stream.ReadExactly(3)));
    log->push_back(Told(co_await stream.ReadUntil("\n", 10)));
    log->push_back(Told(co_await stream.ReadExactly(2)));
    log->push_back(Told(co_await stream.Read()));
  };
  AsyncEvent event;
  Spawn(loop_.get(), kBody(Open(), &event, &log_));
  RunSteps(
      *loop_, Send("abcd"), SendFin(), Nothing(), [&] { event.Set(); },
      UntilLogged(5));
  EXPECT_THAT(
      log_, ElementsAre("'ab'", "OUT_OF_RANGE", "OUT_OF_RANGE", "'cd'", "''"));
}

TEST_F(StreamReadTest, NothingIsReadAtOnceWhereverTheTaskIs) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.ReadExactly(0)));
    log->push_back(Told(co_await stream.ReadExactly(2)));
    log->push_back(Told(co_await stream.ReadExactly(0)));
    (void)co_await SleepFor(absl::ZeroDuration());
    log->push_back(Told(co_await stream.ReadExactly(0)));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, Nothing(), Send("ab"), Nothing(), Nothing());
  EXPECT_THAT(log_, ElementsAre("''", "'ab'", "''", "''"));
}

// --- How it ends. ------------------------------------------------------------

TEST_F(StreamReadTest, AResetIsUnavailable) {
  Spawn(loop_.get(), ReadToEnd(Open({}, TcpPair()), &log_));
  RunSteps(
      *loop_, [&] { CloseWithReset(std::move(peer_)); }, UntilLogged(1));
  EXPECT_THAT(log_, ElementsAre("UNAVAILABLE"));
}

TEST_F(StreamReadTest, ADeadlineOfTheConnectionIsDeadlineExceeded) {
  Spawn(loop_.get(),
        ReadToEnd(Open({.first_byte_timeout = absl::Seconds(1)}), &log_));
  RunSteps(
      *loop_, [&] { clock_.Advance(absl::Seconds(2)); }, UntilLogged(1));
  EXPECT_THAT(log_, ElementsAre("DEADLINE_EXCEEDED"));
}

TEST_F(StreamReadTest, WhatThisSideClosesIsCancelled) {
  Spawn(loop_.get(), ReadToEnd(Open(), &log_));
  RunSteps(
      *loop_, [&] { connection_->ForceClose(); }, UntilLogged(1));
  EXPECT_THAT(log_, ElementsAre("CANCELLED"));
}

TEST_F(StreamReadTest, AReaderOfAGroupThatIsStoppedHearsOfIt) {
  Spawn(loop_.get(), ReadToEnd(Open(), &log_));
  RunSteps(
      *loop_, Nothing(),
      [&] { table().CloseAll(group_.get(), CloseReason::kServerStopped); },
      Nothing(), Nothing());
  EXPECT_THAT(log_, ElementsAre("CANCELLED"));
}

TEST_F(StreamReadTest, DestroyedItClosesTheConnection) {
  { const Stream stream = Open(); }
  RunTurns(*loop_, 2);
  EXPECT_EQ(group_->closed(CloseReason::kLocalClosed), 1u);
}

TEST_F(StreamReadTest, IsMovedWhileNobodyWaits) {
  static constexpr auto kBody = [](Stream from, Log* log) -> Task<> {
    log->push_back(Told(co_await from.Read(2)));
    Stream stream = std::move(from);
    EXPECT_EQ(from.connection(), nullptr);  // NOLINT: after a move
    log->push_back(Told(co_await stream.Read(2)));
    log->push_back(Told(co_await stream.Read(2)));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, Send("abcd"), Send("ef"), UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("'ab'", "'cd'", "'ef'"));
}

// The classic client: asks, says that this is all, and reads to the end.
TEST_F(StreamReadTest, ReadsToTheEndAfterShutdown) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Shutdown()));
    while (true) {
      const auto line = co_await stream.ReadUntil("\r\n", 100);
      log->push_back(Told(line));
      if (!line.ok()) break;
      // The rest waits in the connection while the FIN comes.
      const bool slept = co_await SleepFor(absl::ZeroDuration());
      EXPECT_TRUE(slept);
    }
    log->push_back(Told(co_await stream.Read()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(
      *loop_, Nothing(),
      [this] {
        Write(peer_, "a\r\nb\r\nc\r\n");
        shutdown(peer_.get(), SHUT_WR);
      },
      UntilLogged(6));
  EXPECT_THAT(log_, ElementsAre("OK", "'a\r\n'", "'b\r\n'", "'c\r\n'",
                                "OUT_OF_RANGE", "''"));
}

TEST_F(StreamReadTest, NothingIsReadAtOnceAlsoOfSomething) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Read(0)));
    log->push_back(Told(co_await stream.Read()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  EXPECT_THAT(log_, IsEmpty());
  RunSteps(*loop_, Send("some"), UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("''", "'some'"));
}

// What WhenAny() gives comes when the handler has returned.
TEST_F(StreamReadTest, BesideOthersTheBytesAreCopied) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    AsyncEvent never;
    const auto first =
        co_await WhenAny(AsTask(stream.Read()), AsTask(never.Wait()));
    log->push_back(*std::get<0>(first));
    const auto line =
        co_await WithTimeout(absl::Seconds(1), stream.ReadUntil("\n", 100));
    log->push_back(*line);
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(
      *loop_, Send("abcdef"),
      [this] { Write(peer_, "uvwxyz\n"); },  // to the same block
      UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("abcdef", "uvwxyz\n"));
}

}  // namespace
}  // namespace rondo
