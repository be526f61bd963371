#include "net/reactor/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"
#include "tests/testing/on_destroy.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ChannelTest : public ::testing::Test {
 protected:
  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  FdPair pair_ = UnixPair();
};

TEST_F(ChannelTest, StartsWithoutInterest) {
  const Channel channel(loop_.get(), pair_.a.get(), [](IoEvents) {});
  EXPECT_EQ(channel.fd(), pair_.a.get());
  EXPECT_EQ(channel.interest(), IoEvents::kNone);
}

TEST_F(ChannelTest, EnableAndDisableChangeOneInterestEach) {
  Channel channel(loop_.get(), pair_.a.get(), [](IoEvents) {});
  channel.EnableReading();
  EXPECT_EQ(channel.interest(), IoEvents::kReadable);
  channel.EnableWriting();
  EXPECT_EQ(channel.interest(), kReadAndWrite);
  channel.DisableReading();
  EXPECT_EQ(channel.interest(), IoEvents::kWritable);
  channel.DisableWriting();
  EXPECT_EQ(channel.interest(), IoEvents::kNone);
}

TEST_F(ChannelTest, CommitTellsThePollerNow) {
  Channel channel(loop_.get(), pair_.a.get(), [](IoEvents) {});
  channel.EnableReading();
  EXPECT_TRUE(channel.Commit().ok());
  EXPECT_TRUE(channel.Commit().ok());  // nothing new
}

TEST_F(ChannelTest, CommitReportsWhatCannotBeWatched) {
  const UniqueFd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  Channel channel(loop_.get(), file.get(), [](IoEvents) {});
  channel.EnableReading();
  EXPECT_EQ(channel.Commit().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(ChannelTest, InterestSetBeforeRunIsHeard) {
  Write(pair_.b, "x");
  RecordingChannel channel(*loop_, pair_.a, IoEvents::kReadable);
  RunSteps(*loop_, [&] {
    EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
  });
}

TEST_F(ChannelTest, HandlerMaySwitchItselfOff) {
  Write(pair_.b, "x");
  std::unique_ptr<RecordingChannel> channel;
  channel = std::make_unique<RecordingChannel>(
      *loop_, pair_.a, IoEvents::kReadable,
      [&channel] { channel->channel().DisableReading(); });
  RunTurns(*loop_, 3);
  EXPECT_THAT(channel->Heard(), ElementsAre(IoEvents::kReadable));
}

TEST_F(ChannelTest, HandlerMayHandItsChannelToDeferDelete) {
  Write(pair_.b, "x");
  int calls = 0;
  bool destroyed = false;
  std::unique_ptr<Channel> channel = std::make_unique<Channel>(
      loop_.get(), pair_.a.get(),
      [&, token = OnDestroy([&destroyed] { destroyed = true; })](IoEvents) {
        ++calls;
        loop_->DeferDelete(std::move(channel));
        EXPECT_FALSE(destroyed);
      });
  channel->EnableReading();
  RunSteps(
      *loop_, [&] { EXPECT_FALSE(destroyed) << "not before step 8"; },
      [&] { EXPECT_TRUE(destroyed); });
  EXPECT_EQ(calls, 1);
}

TEST_F(ChannelTest, HandlerMayCreateChannels) {
  Write(pair_.b, "x");
  const FdPair many[] = {UnixPair(), UnixPair(), UnixPair()};
  std::vector<std::unique_ptr<RecordingChannel>> made;
  std::unique_ptr<RecordingChannel> channel;
  channel = std::make_unique<RecordingChannel>(
      *loop_, pair_.a, IoEvents::kReadable, [&] {
        channel->channel().DisableReading();
        for (const FdPair& pair : many) {
          made.push_back(std::make_unique<RecordingChannel>(
              *loop_, pair.a, IoEvents::kWritable));
        }
      });
  RunSteps(
      *loop_, [] {},
      [&] {
        ASSERT_EQ(made.size(), 3u);
        for (auto& one : made) {
          EXPECT_THAT(one->Heard(), ElementsAre(IoEvents::kWritable));
        }
      });
}

// The table of channels moves while one of them is being called.
TEST_F(ChannelTest, HandlerMayWatchAMuchHigherDescriptor) {
  Write(pair_.b, "x");
  UniqueFd high;
  std::unique_ptr<RecordingChannel> watcher_of_high;
  std::unique_ptr<RecordingChannel> channel;
  channel = std::make_unique<RecordingChannel>(
      *loop_, pair_.a, IoEvents::kReadable, [&] {
        Drain(pair_.a);
        high = DuplicateAtOrAbove(pair_.b, 3'000);
        watcher_of_high = std::make_unique<RecordingChannel>(
            *loop_, high, IoEvents::kWritable);
      });
  RunSteps(
      *loop_, [] {},
      [&] {
        EXPECT_THAT(channel->Heard(), ElementsAre(IoEvents::kReadable));
        EXPECT_THAT(watcher_of_high->Heard(), ElementsAre(IoEvents::kWritable));
      });
}

TEST_F(ChannelTest, AfterCloseNextNothingIsHeard) {
  RecordingChannel channel(*loop_, pair_.a, IoEvents::kReadable);
  RunSteps(
      *loop_, [&] { Write(pair_.b, "x"); },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
        channel->CloseNext();
        pair_.a.Reset();
      },
      [] {}, [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

TEST_F(ChannelTest, DestructionTakesItsPendingChangeAlong) {
  auto channel =
      std::make_unique<RecordingChannel>(*loop_, pair_.a, IoEvents::kReadable);
  channel.reset();  // before the loop told the poller
  pair_.a.Reset();
  RunTurns(*loop_, 2);
}

TEST_F(ChannelTest, OutlivesTheRunOfItsLoop) {
  RecordingChannel channel(*loop_, pair_.a, IoEvents::kReadable);
  RunTurns(*loop_, 2);
  channel->EnableWriting();
  EXPECT_EQ(channel->interest(), kReadAndWrite);
}

TEST(ChannelDeathTest, TwoForOneDescriptorAreABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto loop = NewLoop();
  const FdPair pair = UnixPair();
  const Channel first(loop.get(), pair.a.get(), [](IoEvents) {});
  EXPECT_DEATH(Channel(loop.get(), pair.a.get(), [](IoEvents) {}),
               "two channels for one descriptor");
}

TEST(ChannelDeathTest, ClosingTheDescriptorFirstIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto loop = NewLoop();
  FdPair pair = UnixPair();
  auto channel =
      std::make_unique<Channel>(loop.get(), pair.a.get(), [](IoEvents) {});
  channel->EnableReading();
  ASSERT_TRUE(channel->Commit().ok());
  EXPECT_DEATH(
      {
        pair.a.Reset();
        channel.reset();
      },
      "cannot watch descriptor");
}

}  // namespace
}  // namespace rondo
