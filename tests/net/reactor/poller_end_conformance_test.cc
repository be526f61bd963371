// What every backend must tell of the end of a stream, whole or half, and of
// errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "tests/net/reactor/poller_conformance.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PollerEndConformanceTest : public PollerConformanceTest {};

INSTANTIATE_TEST_SUITE_P(Backends, PollerEndConformanceTest, kBackends,
                         [](const auto& info) { return info.param; });

TEST_P(PollerEndConformanceTest, PeerClosedIsReadableAsEndOfInput) {
  FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_, [&] { pair.b.Reset(); },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
        EXPECT_EQ(ReadErrno(pair.a), 0);
        EXPECT_EQ(Read(pair.a), "");
      });
}

TEST_P(PollerEndConformanceTest, WhatWasSentBeforeTheCloseIsReadFirst) {
  FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_,
      [&] {
        Write(pair.b, "last words");
        pair.b.Reset();
      },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
        EXPECT_EQ(Read(pair.a), "last words");
      },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
        EXPECT_EQ(ReadErrno(pair.a), 0);
      });
}

// Otherwise a connection that is not being read would spin when its peer goes.
TEST_P(PollerEndConformanceTest, PeerClosedIsNotHeardWithoutInterest) {
  FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_,
      [&] {
        channel->DisableReading();
        pair.b.Reset();
      },
      [] {}, [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

TEST_P(PollerEndConformanceTest, HalfClosedIsReadableAndStillWritable) {
  const FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, kReadAndWrite);
  RunSteps(
      loop_,
      [&] {
        channel.Heard();
        shutdown(pair.b.get(), SHUT_WR);
      },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(kReadAndWrite));
        EXPECT_EQ(ReadErrno(pair.a), 0);  // the end
        Write(pair.a, "answer");
        EXPECT_EQ(Read(pair.b), "answer");
      });
}

TEST_P(PollerEndConformanceTest, WriteEndOfAPipeHearsThatNobodyReads) {
  FdPair pipe = Pipe();
  FillOutput(pipe.b);
  RecordingChannel channel(loop_, pipe.b, IoEvents::kWritable);
  RunSteps(
      loop_,
      [&] {
        EXPECT_THAT(channel.Heard(), IsEmpty());
        pipe.a.Reset();
      },
      [&] {
        const std::vector<IoEvents> heard = channel.Heard();
        ASSERT_EQ(heard.size(), 1u);
        EXPECT_TRUE(Any(heard[0], IoEvents::kWritable));
      });
}

// select cannot tell an error from data; the read that follows does.
TEST_P(PollerEndConformanceTest, ResetIsReadableAndTheReadTellsWhy) {
  FdPair pair = TcpPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable,
                           [this] { loop_.Stop(); });
  loop_.QueueInLoop([&] { CloseWithReset(std::move(pair.b)); });
  loop_.Run();
  const std::vector<IoEvents> heard = channel.Heard();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_TRUE(Any(heard[0], IoEvents::kReadable));
  EXPECT_EQ(Any(heard[0], IoEvents::kError), !IsSelect());
  EXPECT_FALSE(Any(heard[0], IoEvents::kWritable)) << "nobody asked";
  EXPECT_EQ(ReadErrno(pair.a), ECONNRESET);
}

// --- Ends that are heard without reading. select has no such event. ----------

TEST_P(PollerEndConformanceTest, HangupAloneIsHeardBehindUnreadInput) {
  if (IsSelect()) GTEST_SKIP();
  const FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kHangup);
  RunSteps(
      loop_, [&] { Write(pair.b, "unread"); },
      [&] {
        EXPECT_THAT(channel.Heard(), IsEmpty());
        shutdown(pair.b.get(), SHUT_WR);
      },
      [&] { EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kHangup)); },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kHangup));
        channel->SetInterest(IoEvents::kNone);
      },
      [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

TEST_P(PollerEndConformanceTest, HangupAloneIsHeardWhenThePeerCloses) {
  if (IsSelect()) GTEST_SKIP();
  FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kHangup);
  RunSteps(
      loop_, [&] { pair.b.Reset(); },
      [&] { EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kHangup)); });
}

TEST_P(PollerEndConformanceTest, ErrorAloneIsHeardOfAResetAndOfNothingElse) {
  if (IsSelect()) GTEST_SKIP();
  FdPair pair = TcpPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kError,
                           [this] { loop_.Stop(); });
  loop_.QueueInLoop([&] { Write(pair.b, "unread"); });
  loop_.QueueInLoop([&] { CloseWithReset(std::move(pair.b)); });
  loop_.Run();
  EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kError));
  EXPECT_EQ(Read(pair.a), "unread");
  EXPECT_EQ(ReadErrno(pair.a), ECONNRESET);
}

TEST_P(PollerEndConformanceTest, SelectHearsOfNoHangupAndSpinsForNone) {
  if (!IsSelect()) GTEST_SKIP();
  FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kHangup | IoEvents::kError);
  RunSteps(
      loop_, [&] { pair.b.Reset(); }, [] {},
      [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

TEST_P(PollerEndConformanceTest,
       RefusedConnectionIsWritableAndSoErrorTellsWhy) {
  const UniqueFd fd = RefusedConnection();
  RecordingChannel channel(loop_, fd, IoEvents::kWritable,
                           [this] { loop_.Stop(); });
  loop_.Run();
  EXPECT_TRUE(Any(channel.Heard().at(0), IoEvents::kWritable));
  int error = 0;
  socklen_t size = sizeof(error);
  ASSERT_EQ(getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size), 0);
  EXPECT_EQ(error, ECONNREFUSED);
}

}  // namespace
}  // namespace rondo
