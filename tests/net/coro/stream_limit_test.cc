// Streams and what their connection may keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "net/coro/async_event.h"
#include "tests/net/coro/stream_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

constexpr size_t kMaxBytes = 1'000;

class StreamLimitTest : public StreamFixture {
 protected:
  Stream Open() { return StreamFixture::Open({.max_input_bytes = kMaxBytes}); }
  static std::string Bytes(size_t bytes) { return std::string(bytes, 'x'); }
  static std::string Quoted(size_t bytes) { return "'" + Bytes(bytes) + "'"; }
};

Task<> ReadExactly(Stream stream, size_t bytes, AsyncEvent* before, Log* log) {
  (void)co_await before->Wait();
  log->push_back(Told(co_await stream.ReadExactly(bytes)));
  log->push_back(Told(stream.status()));
  log->push_back(Told(co_await stream.ReadExactly(kMaxBytes)));
}

TEST_F(StreamLimitTest, MoreThanItMayKeepIsRefusedBeforeAnythingComes) {
  AsyncEvent now;
  now.Set();
  Spawn(loop_.get(), ReadExactly(Open(), kMaxBytes + 1, &now, &log_));
  RunSteps(
      *loop_, [] {},
      [this] { EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED", "OK")); },
      Send(Bytes(kMaxBytes)), UntilLogged(3));
  EXPECT_EQ(log_.back(), Quoted(kMaxBytes));
}

// Else it would depend on how the peer's bytes are cut.
TEST_F(StreamLimitTest, MoreThanItMayKeepIsRefusedThoughItHasCome) {
  AsyncEvent later;
  Spawn(loop_.get(), ReadExactly(Open(), kMaxBytes + 1, &later, &log_));
  RunSteps(
      *loop_, Send(Bytes(kMaxBytes + 500)), Nothing(), [&] { later.Set(); },
      UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED", "OK", Quoted(kMaxBytes)));
}

TEST_F(StreamLimitTest, MoreThanAnythingMayKeepIsRefusedToo) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.ReadExactly(SIZE_MAX)));
  };
  const ConnectionLimits limits = {.max_input_bytes = SIZE_MAX};
  Spawn(loop_.get(), kBody(StreamFixture::Open(limits), &log_));
  RunSteps(*loop_, UntilLogged(1));
  EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED"));
}

TEST_F(StreamLimitTest, AsMuchAsItMayKeepMayComeInPartsWithMoreBehindIt) {
  AsyncEvent now;
  now.Set();
  Spawn(loop_.get(), ReadExactly(Open(), kMaxBytes, &now, &log_));
  RunSteps(*loop_, Send(Bytes(kMaxBytes - 1)), Send(Bytes(kMaxBytes)),
           UntilLogged(2), Send(Bytes(1)), UntilLogged(3));
  EXPECT_THAT(log_, ElementsAre(Quoted(kMaxBytes), "OK", Quoted(kMaxBytes)));
}

// A line has no length that is known before.
TEST_F(StreamLimitTest, ALineThatIsLongerThanItMayKeepClosesIt) {
  static constexpr auto kBody = [](Stream stream, Log* log) -> Task<> {
    log->push_back(Told(co_await stream.ReadUntil("\n", 10 * kMaxBytes)));
    log->push_back(Told(stream.status()));
  };
  Spawn(loop_.get(), kBody(Open(), &log_));
  RunSteps(*loop_, Send(Bytes(kMaxBytes)), Send(Bytes(1)), UntilLogged(2));
  EXPECT_THAT(log_, ElementsAre("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"));
  EXPECT_EQ(group_->closed(CloseReason::kInputLimit), 1u);
}

// Read in one piece with what the task asks for.
TEST_F(StreamLimitTest, MoreThanItMayKeepWaitsForATaskThatIsBusy) {
  static constexpr auto kBody = [](Stream stream, AsyncEvent* event,
                                   Log* log) -> Task<> {
    log->push_back(Told(co_await stream.ReadExactly(1)));
    EXPECT_TRUE(co_await event->Wait());
    log->push_back(Told(co_await stream.ReadExactly(kMaxBytes)));
    log->push_back(Told(co_await stream.ReadExactly(kMaxBytes)));
  };
  AsyncEvent event;
  Spawn(loop_.get(), kBody(Open(), &event, &log_));
  RunSteps(
      *loop_, Send(Bytes(1 + 2 * kMaxBytes - 3)), UntilLogged(1), Nothing(),
      Send(Bytes(3)), Nothing(), [&] { event.Set(); }, UntilLogged(3));
  EXPECT_THAT(log_,
              ElementsAre(Quoted(1), Quoted(kMaxBytes), Quoted(kMaxBytes)));
}

}  // namespace
}  // namespace rondo
