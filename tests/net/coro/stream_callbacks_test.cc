// What comes for a connection when its stream, or who waits on it, is not what
// one is used to.
#include "net/coro/stream_callbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/net/coro/stream_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::Gt;

class StreamCallbacksTest : public StreamFixture {
 protected:
  // A connection of which nobody has made a stream yet.
  void OpenWithoutStream() {
    FdPair pair = UnixPair();
    peer_ = std::move(pair.b);
    group_ = std::make_shared<ConnectionGroup>(StreamCallbacks(), /*loops=*/1);
    connection_ = &table().Open(Socket(std::move(pair.a)), InetAddress(),
                                ConnectionMembership(group_, /*loop_index=*/0));
  }
};

TEST_F(StreamCallbacksTest, InputThatIsThereBeforeTheStreamWaitsForIt) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.ReadExactly(6)));
    log->push_back(Told(co_await stream.Read()));
  };
  OpenWithoutStream();
  RunSteps(
      *loop_, Send("early"), Nothing(), Nothing(),
      [this] { Spawn(loop_.get(), kBody(Stream(*connection_), &log_)); },
      Nothing(), Send("late"), UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("'earlyl'", "'ate'"));
}

TEST_F(StreamCallbacksTest, AWriterGoesOnAtTheLowMarkNotOnlyWhenAllIsSent) {
  static constexpr auto kBody = [](Stream stream, size_t* left) -> Task<> {
    const absl::Status written =
        co_await stream.Write(std::string(4'000'000, 'x'));
    EXPECT_TRUE(written.ok()) << written;
    *left = stream.connection()->output_bytes();
  };
  size_t left = 0;
  // More than the kernel takes at a time.
  Spawn(loop_.get(), kBody(Open({.low_water_mark_bytes = 2'000'000,
                                 .high_water_mark_bytes = 3'000'000}),
                           &left));
  RunSteps(*loop_, Nothing(), Until([&] {
    Drain(peer_);
    return left > 0 || connection_->output_bytes() == 0;
  }));
  EXPECT_THAT(left, Gt(0u));
}

// Nobody closes it then: the loop takes its connections with it.
TEST_F(StreamCallbacksTest, AStreamMayOutliveItsLoop) {
  std::optional<Stream> stream(Open());
  EXPECT_NE(stream->connection(), nullptr);
  loop_.reset();
  EXPECT_EQ(stream->connection(), nullptr);
  EXPECT_FALSE(stream->status().ok());
  stream.reset();
}

}  // namespace
}  // namespace rondo
