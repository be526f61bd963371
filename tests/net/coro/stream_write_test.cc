#include <gmock/gmock.h>

#include "net/coro/async_event.h"
#include "net/tcp/tcp_connection.h"
#include "net/tcp/transport.h"
#include "tests/net/coro/stream_fixture.h"
#include "tests/net/tcp/connection_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMuchBytes = 2 * 1'024 * 1'024;  // for the kernel

class StreamWriteTest : public StreamFixture {
 protected:
  // Reads what has come for the peer in each turn, until so much has.
  Wait UntilPeerHas(size_t bytes) {
    return Until([this, bytes] {
      received_ += ReadAll(peer_);
      return received_.size() >= bytes;
    });
  }

  std::string received_;
};

TEST_F(StreamWriteTest, SendsWhatIsCopiedMovedAndShared) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Write("text ")));
    log->push_back(Told(co_await stream.Write(std::string_view("view "))));
    log->push_back(Told(co_await stream.Write(std::string("string "))));
    log->push_back(Told(
        co_await stream.Write(std::make_shared<const std::string>("shared"))));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, UntilPeerHas(23));
  EXPECT_EQ(received_, "text view string shared");
  EXPECT_THAT(log_, ElementsAre("OK", "OK", "OK", "OK"));
}

Task<> WriteForEver(Stream stream, Log* log) {
  const std::string block(10'000, 'x');
  absl::Status status;
  while (status.ok()) {
    status = co_await stream.Write(block);
    if (status.ok() && log->empty()) log->push_back(Told(status));
  }
  log->push_back(Told(status));
}

TEST_F(StreamWriteTest, APeerThatDoesNotReadMakesTheWriterWait) {
  constexpr size_t kMarkBytes = 100'000;
  Spawn(loop_.get(), WriteForEver(Open({.low_water_mark_bytes = 50'000,
                                        .high_water_mark_bytes = kMarkBytes,
                                        .max_output_bytes = kMuchBytes}),
                                  &log_));
  RunSteps(*loop_, Nothing(), Nothing(), Nothing(), [&] {
    EXPECT_THAT(log_, ElementsAre("OK"));
    EXPECT_GT(connection_->output_bytes(), 0u);
    EXPECT_LE(connection_->output_bytes(), kMarkBytes + 10'000);
  });
}

TEST_F(StreamWriteTest, AWriterGoesOnWhenThePeerReads) {
  Spawn(loop_.get(), WriteForEver(Open({.low_water_mark_bytes = 50'000,
                                        .high_water_mark_bytes = 100'000,
                                        .max_output_bytes = kMuchBytes}),
                                  &log_));
  RunSteps(*loop_, Nothing(), UntilPeerHas(10 * kMuchBytes));
  EXPECT_EQ(received_.find_first_not_of('x'), std::string::npos);
}

// A kernel that takes whatever it is given.
class SwallowingTransport final : public Transport {
 public:
  using Transport::Transport;

  IoResult Write(const iovec* slices, int count, bool) override {
    IoResult result;
    for (int i = 0; i < count; ++i) result.bytes += slices[i].iov_len;
    return result;
  }
};

TEST_F(StreamWriteTest, AWriterWhoseBytesAreTakenLetsOthersRun) {
  static constexpr auto kBody = [](Stream stream, int* written) -> Task<> {
    const std::string block(100'000, 'x');
    for (; *written < 100; ++*written) {
      EXPECT_TRUE((co_await stream.Write(block)).ok());
    }
  };
  FdPair pair = UnixPair();
  group_ = std::make_shared<ConnectionGroup>(StreamCallbacks(), /*loops=*/1);
  auto owned = std::make_unique<TcpConnection>(
      &table(),
      std::make_unique<SwallowingTransport>(Socket(std::move(pair.a))),
      InetAddress(), ConnectionMembership(group_, /*loop_index=*/0));
  TcpConnection& connection = *owned;
  table().Adopt(std::move(owned));
  int written = 0;
  Spawn(loop_.get(), kBody(Stream(connection), &written));
  RunSteps(
      *loop_,
      [&] {
        EXPECT_GT(written, 0);
        EXPECT_LT(written, 20);  // the high water mark is at a megabyte
      },
      Until([&] { return written == 100; }));
}

TEST_F(StreamWriteTest, MoreThanTheConnectionMayHoldIsTooMuch) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    const std::string much(kMuchBytes, 'x');
    log->push_back(Told(co_await stream.Write(much)));
  };
  Spawn(loop_.get(), kBody(Open({.max_output_bytes = 1'100'000}), &log_));
  RunSteps(*loop_, UntilLogged(1));
  EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED"));
}

TEST_F(StreamWriteTest, NothingIsWrittenAfterAShutdown) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Write("last")));
    log->push_back(Told(co_await stream.Shutdown()));
    log->push_back(Told(co_await stream.Write("more")));
    log->push_back(Told(co_await stream.Read()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(
      *loop_, UntilPeerHas(4), UntilLogged(3),
      [&] {
        EXPECT_EQ(received_, "last");
        EXPECT_TRUE(AtEnd(peer_));
      },
      Send("answer"), UntilLogged(4));
  EXPECT_THAT(log_, ElementsAre("OK", "OK", "FAILED_PRECONDITION", "'answer'"));
}

TEST_F(StreamWriteTest, AFlushWaitsForAllThatWasWritten) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    const std::string much(kMuchBytes, 'x');
    EXPECT_TRUE(stream.connection()->Send(much));
    log->push_back(Told(co_await stream.Flush()));
    EXPECT_EQ(stream.connection()->output_bytes(), 0u);
    log->push_back(Told(co_await stream.Flush()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(
      *loop_, Nothing(), [&] { EXPECT_THAT(log_, IsEmpty()); },
      UntilPeerHas(kMuchBytes), UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("OK", "OK"));
}

TEST_F(StreamWriteTest, SeveralWriteAndAreAllTold) {
  static constexpr auto kBody = [](Stream* stream, AsyncEvent* go, char c,
                                   Log* log) -> Task<> {
    (void)co_await go->Wait();
    log->push_back(Told(co_await stream->Write(std::string(kMuchBytes, c))));
  };
  AsyncEvent go;
  Stream stream = Open();
  for (const char c : {'a', 'b', 'c'}) {
    Spawn(loop_.get(), kBody(&stream, &go, c, &log_));
  }
  RunSteps(
      *loop_, [&] { go.Set(); }, Nothing(), UntilPeerHas(3 * kMuchBytes),
      UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("OK", "OK", "OK"));
  EXPECT_EQ(received_, std::string(kMuchBytes, 'a') +
                           std::string(kMuchBytes, 'b') +
                           std::string(kMuchBytes, 'c'));
}

TEST_F(StreamWriteTest, AResetEndsAWriteThatWaits) {
  Spawn(loop_.get(), WriteForEver(Open({}, TcpPair()), &log_));
  RunSteps(
      *loop_, Nothing(), Nothing(), [&] { CloseWithReset(std::move(peer_)); },
      UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("OK", "UNAVAILABLE"));
}

TEST_F(StreamWriteTest, OnceClosedEachCallSaysWhy) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.Read()));
    log->push_back(Told(co_await stream.Read()));
    log->push_back(Told(co_await stream.ReadExactly(1)));
    log->push_back(Told(co_await stream.ReadUntil("\n", 1)));
    log->push_back(Told(co_await stream.Write("more")));
    log->push_back(Told(co_await stream.Flush()));
    log->push_back(Told(co_await stream.Shutdown()));
    log->push_back(Told(stream.status()));
  };
  Spawn(loop_.get(), kBody(Open({}, TcpPair()), &log_));
  RunSteps(
      *loop_, [&] { CloseWithReset(std::move(peer_)); }, UntilLogged(8));
  EXPECT_EQ(log_, Log(8, "UNAVAILABLE"));
}

}  // namespace
}  // namespace rondo
