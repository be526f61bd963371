// What every backend must do for channels on a real loop. The same suite runs
// over all of them.
#include "tests/net/reactor/poller_conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "net/reactor/poller.h"
#include "tests/testing/loops.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

INSTANTIATE_TEST_SUITE_P(Backends, PollerConformanceTest, kBackends,
                         [](const auto& info) { return info.param; });

TEST_P(PollerConformanceTest, ReadableUntilRead) {
  const FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_,
      [&] {
        EXPECT_THAT(channel.Heard(), IsEmpty());
        Write(pair.b, "x");
      },
      [&] { EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable)); },
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable));
        EXPECT_EQ(Read(pair.a), "x");
      },
      [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

TEST_P(PollerConformanceTest, OncePerEdgeIsReadableAnewWithEachNotification) {
  const UniqueFd notified(eventfd(0, EFD_NONBLOCK));
  RecordingChannel channel(loop_, notified,
                           IoEvents::kReadable | IoEvents::kOncePerEdge);
  auto poller = NewPoller(GetParam());
  ASSERT_TRUE(poller.ok()) << poller.status();
  const bool once = (*poller)->reports_edges();
  const auto notify = [&] { ASSERT_EQ(eventfd_write(notified.get(), 1), 0); };
  const auto expect_heard = [&](bool heard) {
    EXPECT_EQ(channel.Heard(), heard ? std::vector{IoEvents::kReadable}
                                     : std::vector<IoEvents>{});
  };
  RunSteps(
      loop_, notify, [&] { expect_heard(true); },
      [&] {
        expect_heard(!once);
        notify();  // though nobody has read the first
      },
      [&] { expect_heard(true); }, [&] { expect_heard(!once); });
}

TEST_P(PollerConformanceTest, WritableUntilFullAndAgainWhenDrained) {
  const FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kWritable);
  RunSteps(
      loop_,
      [&] {
        EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kWritable));
        FillOutput(pair.a);
      },
      [&] {
        EXPECT_THAT(channel.Heard(), IsEmpty());
        Drain(pair.b);
      },
      [&] { EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kWritable)); });
}

TEST_P(PollerConformanceTest, ReadableAndWritableComeInOneCall) {
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  RecordingChannel channel(loop_, pair.a, kReadAndWrite);
  RunSteps(loop_,
           [&] { EXPECT_THAT(channel.Heard(), ElementsAre(kReadAndWrite)); });
}

TEST_P(PollerConformanceTest, OnlyWhatIsOfInterestIsHeard) {
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  RecordingChannel channel(loop_, pair.a, IoEvents::kNone);
  const auto expect_then = [&](std::vector<IoEvents> heard, IoEvents next) {
    EXPECT_EQ(channel.Heard(), heard);
    channel->SetInterest(next);
  };
  RunSteps(
      loop_, [&] { expect_then({}, IoEvents::kWritable); },
      [&] { expect_then({IoEvents::kWritable}, IoEvents::kReadable); },
      [&] { expect_then({IoEvents::kReadable}, IoEvents::kNone); },
      [&] { expect_then({}, kReadAndWrite); },
      [&] { expect_then({kReadAndWrite}, IoEvents::kNone); });
}

TEST_P(PollerConformanceTest, InterestSwitchedOffAndOnWithinATurnStays) {
  const FdPair pair = UnixPair();
  RecordingChannel channel(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_,
      [&] {
        channel->DisableReading();
        channel->EnableReading();
        Write(pair.b, "x");
      },
      [&] { EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kReadable)); });
}

TEST_P(PollerConformanceTest, InterestSwitchedOnAndOffWithinATurnIsNotHeard) {
  const FdPair pair = UnixPair();
  Write(pair.b, "x");
  RecordingChannel channel(loop_, pair.a, IoEvents::kNone);
  RunSteps(
      loop_,
      [&] {
        channel->EnableReading();
        channel->DisableReading();
      },
      [&] { EXPECT_THAT(channel.Heard(), IsEmpty()); });
}

// Both are ready in one turn; whichever is called first silences the other.
TEST_P(PollerConformanceTest, InterestSwitchedOffByAnEarlierCallbackIsOff) {
  const FdPair pairs[] = {UnixPair(), UnixPair()};
  std::unique_ptr<RecordingChannel> channels[2];
  for (int i : {0, 1}) {
    Write(pairs[i].b, "x");
    channels[i] = std::make_unique<RecordingChannel>(
        loop_, pairs[i].a, IoEvents::kReadable,
        [&channels, i] { channels[1 - i]->channel().DisableReading(); });
  }
  RunSteps(loop_, [&] {
    EXPECT_EQ(channels[0]->Heard().size() + channels[1]->Heard().size(), 1u);
  });
}

TEST_P(PollerConformanceTest, DestroyedByAnothersCallbackHearsNothingMore) {
  const FdPair pairs[] = {UnixPair(), UnixPair(), UnixPair()};
  std::unique_ptr<RecordingChannel> channels[3];
  int calls = 0;
  const auto destroy_others = [&](int self) {
    ++calls;
    for (int i : {0, 1, 2}) {
      if (i != self) channels[i].reset();
    }
  };
  for (int i : {0, 1, 2}) {
    Write(pairs[i].b, "x");
    channels[i] = std::make_unique<RecordingChannel>(
        loop_, pairs[i].a, IoEvents::kReadable,
        [destroy_others, i] { destroy_others(i); });
  }
  RunSteps(loop_, [&] { EXPECT_EQ(calls, 1); });
}

TEST_P(PollerConformanceTest, DescriptorStaysUsableWhenItsChannelIsGone) {
  const FdPair pair = UnixPair();
  auto channel =
      std::make_unique<RecordingChannel>(loop_, pair.a, IoEvents::kReadable);
  RunSteps(
      loop_, [&] { channel.reset(); },
      [&] {
        Write(pair.b, "x");
        channel = std::make_unique<RecordingChannel>(loop_, pair.a,
                                                     IoEvents::kReadable);
      },
      [&] { EXPECT_THAT(channel->Heard(), ElementsAre(IoEvents::kReadable)); });
}

// Two descriptors are ready in one turn. Whichever is called first closes the
// other, whose number a fresh, idle one gets at once, with a channel of its
// own: what was ready was not for it.
class ReusedDescriptorTest : public PollerConformanceTest {
 protected:
  enum class Leave { kDestroy, kCloseNext };

  void Run(Leave leave) {
    for (int i : {0, 1}) {
      Write(pairs_[i].b, "x");
      channels_[i] = std::make_unique<RecordingChannel>(
          loop_, pairs_[i].a, IoEvents::kReadable,
          [this, i, leave] { Replace(i, 1 - i, leave); });
    }
    RunSteps(
        loop_,
        [this] {
          ASSERT_EQ(replaced_, 1);
          EXPECT_THAT(fresh_channel_->Heard(), IsEmpty());
        },
        [this] {
          EXPECT_THAT(fresh_channel_->Heard(), IsEmpty());
          Write(fresh_.b, "y");
        },
        [this] {
          EXPECT_THAT(fresh_channel_->Heard(),
                      ElementsAre(IoEvents::kReadable));
          EXPECT_EQ(Read(fresh_.a), "y");
        });
  }

  void Replace(int self, int other, Leave leave) {
    ++replaced_;
    channels_[self]->channel().DisableReading();
    const int number = pairs_[other].a.get();
    if (leave == Leave::kCloseNext) channels_[other]->channel().CloseNext();
    channels_[other].reset();
    pairs_[other].a.Reset();
    fresh_ = UnixPair();
    if (fresh_.a.get() != number) {
      fresh_.a.Reset(dup2(UniqueFd(std::move(fresh_.a)).get(), number));
    }
    ASSERT_EQ(fresh_.a.get(), number);
    fresh_channel_ = std::make_unique<RecordingChannel>(loop_, fresh_.a,
                                                        IoEvents::kReadable);
  }

  FdPair pairs_[2] = {UnixPair(), UnixPair()};
  FdPair fresh_;
  std::unique_ptr<RecordingChannel> channels_[2];
  std::unique_ptr<RecordingChannel> fresh_channel_;
  int replaced_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Backends, ReusedDescriptorTest, kBackends,
                         [](const auto& info) { return info.param; });

TEST_P(ReusedDescriptorTest, GetsNoStaleEventAfterDestruction) {
  Run(Leave::kDestroy);
}

TEST_P(ReusedDescriptorTest, GetsNoStaleEventAfterCloseNext) {
  Run(Leave::kCloseNext);
}

// As many channels as the backend can watch, every third of them ready.
class ThousandsTest : public PollerConformanceTest {
 protected:
  static constexpr int kMany = 5'000;
  static constexpr int kHighestForSelect = 1'023;

  void OpenAll() {
    AllowDescriptors(kMany + 200);
    do {
      fds_.push_back(EventFd());
    } while (IsSelect() ? fds_.back().get() < kHighestForSelect
                        : fds_.size() < kMany);
  }

  void WatchAll() {
    calls_.resize(fds_.size());
    for (size_t i = 0; i < fds_.size(); ++i) {
      channels_.push_back(std::make_unique<Channel>(
          &loop_, fds_[i].get(), [this, i](IoEvents) { OnReadable(i); }));
      channels_.back()->EnableReading();
    }
  }

  void SignalEveryThird() {
    for (size_t i = 0; i < fds_.size(); i += 3, ++expected_) {
      eventfd_write(fds_[i].get(), 1);
    }
  }

  void OnReadable(size_t i) {
    eventfd_t value;
    eventfd_read(fds_[i].get(), &value);
    ++calls_[i];
    if (--expected_ == 0) loop_.Stop();
  }

  std::vector<UniqueFd> fds_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<int> calls_;
  int expected_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Backends, ThousandsTest, kBackends,
                         [](const auto& info) { return info.param; });

TEST_P(ThousandsTest, EachThatIsReadyIsCalledOnce) {
  OpenAll();
  WatchAll();
  loop_.QueueInLoop([this] { SignalEveryThird(); });
  loop_.Run();
  for (size_t i = 0; i < calls_.size(); ++i) {
    ASSERT_EQ(calls_[i], i % 3 == 0) << "channel " << i;
  }
}

TEST_P(PollerConformanceTest, PostEndsAnInfiniteWait) {
  std::binary_semaphore go(0);
  Thread poster = NewThread("poster", [&] {
    go.acquire();
    loop_.Stop();
  });
  loop_.QueueInLoop([&go] { go.release(); });
  loop_.Run();
}

// Counts turns: a wait that returns early would cost many.
struct TurnCounter : LoopLocal {
  explicit TurnCounter(EventLoop*) {}
  void FlushTurn() override { ++turns; }
  int turns = 0;
};

TEST_P(PollerConformanceTest, SleepsUntilATimerIsDue) {
  TurnCounter& counter = loop_.Local<TurnCounter>();
  loop_.RunAfter(absl::Milliseconds(2), [&] {
    EXPECT_LE(counter.turns, 1);
    loop_.Stop();
  });
  loop_.Run();
}

}  // namespace
}  // namespace rondo
