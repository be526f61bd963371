#include "net/reactor/channel_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/reactor/event_loop.h"
#include "tests/testing/loops.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Writes down what it is told: "fd from>to", "forget fd".
class FakePoller final : public Poller {
 public:
  std::string_view name() const override { return "fake"; }

  absl::Status Update(WatchedFd watched, IoEvents from, IoEvents to) override {
    if (!refusal.ok()) return refusal;
    told.push_back(absl::StrCat(watched.fd, " ", static_cast<int>(from), ">",
                                static_cast<int>(to)));
    last_generation = watched.generation;
    return absl::OkStatus();
  }

  void Forget(WatchedFd watched) override {
    told.push_back(absl::StrCat("forget ", watched.fd));
  }

  void Wait(absl::Duration, std::vector<ReadyEvent>&) override {}

  std::vector<std::string> told;
  uint32_t last_generation = 0;
  absl::Status refusal;  // of updates, unless ok
};

// A table over a fake poller. Its channel is in its loop's own table as well,
// which is not looked at: that loop never runs.
class ChannelTableTest : public ::testing::Test {
 protected:
  static constexpr IoEvents kRead = IoEvents::kReadable;   // 1
  static constexpr IoEvents kWrite = IoEvents::kWritable;  // 2
  static constexpr IoEvents kError = IoEvents::kError;     // 4

  void SetUp() override { table_.Add(channel_.channel()); }

  std::vector<ReadyEvent> Apply() {
    std::vector<ReadyEvent> ready;
    table_.ApplyChanges(ready);
    return ready;
  }

  std::string Told(const char* change) {
    return absl::StrCat(fd_, " ", change);
  }
  WatchedFd Current() const { return {fd_, poller_.last_generation}; }

  const std::unique_ptr<EventLoop> loop_ = NewLoop();
  const FdPair pair_ = UnixPair();
  const int fd_ = pair_.a.get();
  FakePoller poller_;
  ChannelTable table_{poller_};
  RecordingChannel channel_{*loop_, pair_.a, IoEvents::kNone};
};

TEST_F(ChannelTableTest, InterestIsToldOnceWhenApplied) {
  table_.SetInterest(fd_, kRead);
  EXPECT_THAT(poller_.told, IsEmpty());
  Apply();
  Apply();
  EXPECT_THAT(poller_.told, ElementsAre(Told("0>1")));
}

TEST_F(ChannelTableTest, OnAndOffWithinATurnCostsNothing) {
  table_.SetInterest(fd_, kRead);
  table_.SetInterest(fd_, IoEvents::kNone);
  Apply();
  EXPECT_THAT(poller_.told, IsEmpty());
}

TEST_F(ChannelTableTest, OffAndOnWithinATurnCostsNothing) {
  table_.SetInterest(fd_, kRead);
  Apply();
  poller_.told.clear();
  for (int i = 0; i < 10; ++i) {
    table_.SetInterest(fd_, kRead | kWrite);
    table_.SetInterest(fd_, IoEvents::kNone);
    table_.SetInterest(fd_, kRead);
  }
  Apply();
  EXPECT_THAT(poller_.told, IsEmpty());
}

TEST_F(ChannelTableTest, ManyChangesWithinATurnAreToldAsOne) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.SetInterest(fd_, IoEvents::kNone);
  table_.SetInterest(fd_, kRead | kWrite);
  table_.SetInterest(fd_, kWrite);
  Apply();
  EXPECT_THAT(poller_.told, ElementsAre(Told("0>1"), Told("1>2")));
}

TEST_F(ChannelTableTest, ApplyTellsOneDescriptorAtOnce) {
  table_.SetInterest(fd_, kWrite);
  EXPECT_TRUE(table_.Apply(fd_).ok());
  Apply();
  EXPECT_THAT(poller_.told, ElementsAre(Told("0>2")));
}

TEST_F(ChannelTableTest, RemovalEndsTheWatch) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.Remove(fd_, /*closing=*/false);
  EXPECT_THAT(poller_.told, ElementsAre(Told("0>1"), Told("1>0")));
}

TEST_F(ChannelTableTest, RemovalBeforeACloseOnlyForgets) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.Remove(fd_, /*closing=*/true);
  EXPECT_THAT(poller_.told,
              ElementsAre(Told("0>1"), absl::StrCat("forget ", fd_)));
}

TEST_F(ChannelTableTest, RemovalOfWhatWasNeverToldTellsNothing) {
  table_.SetInterest(fd_, kRead);
  table_.Remove(fd_, /*closing=*/false);
  Apply();
  EXPECT_THAT(poller_.told, IsEmpty());
}

TEST_F(ChannelTableTest, AnotherChannelWithTheNumberStartsAfresh) {
  table_.SetInterest(fd_, kRead);
  Apply();
  const WatchedFd old = Current();
  table_.SetInterest(fd_, kRead | kWrite);  // pending when it goes
  table_.Remove(fd_, /*closing=*/true);
  table_.Add(channel_.channel());
  EXPECT_EQ(table_.interest(fd_), IoEvents::kNone);
  table_.SetInterest(fd_, kWrite);
  Apply();
  EXPECT_THAT(
      poller_.told,
      ElementsAre(Told("0>1"), absl::StrCat("forget ", fd_), Told("0>2")));
  EXPECT_NE(Current().generation, old.generation);
}

TEST_F(ChannelTableTest, DispatchCallsTheChannelWithWhatItWants) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.Dispatch({Current(), kRead | kWrite});
  EXPECT_THAT(channel_.Heard(), ElementsAre(kRead));
  table_.Dispatch({Current(), kWrite});
  EXPECT_THAT(channel_.Heard(), IsEmpty());
}

TEST_F(ChannelTableTest, DispatchHeedsInterestNotYetApplied) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.SetInterest(fd_, IoEvents::kNone);
  table_.Dispatch({Current(), kRead});
  EXPECT_THAT(channel_.Heard(), IsEmpty());
}

TEST_F(ChannelTableTest, ErrorsAreHeardUnasked) {
  table_.SetInterest(fd_, kRead);
  Apply();
  table_.Dispatch({Current(), kRead | kWrite | kError});
  EXPECT_THAT(channel_.Heard(), ElementsAre(kRead | kError));
}

TEST_F(ChannelTableTest, StaleEventsReachNobody) {
  table_.SetInterest(fd_, kRead);
  Apply();
  const WatchedFd old = Current();
  table_.Remove(fd_, /*closing=*/true);
  table_.Dispatch({old, kRead});  // nobody there
  table_.Add(channel_.channel());
  table_.SetInterest(fd_, kRead);
  table_.Dispatch({old, kRead});  // somebody else
  EXPECT_THAT(channel_.Heard(), IsEmpty());
  Apply();
  table_.Dispatch({Current(), kRead});
  EXPECT_THAT(channel_.Heard(), ElementsAre(kRead));
}

TEST_F(ChannelTableTest, ARefusalIsReadyAsAnErrorOnce) {
  poller_.refusal = absl::ResourceExhaustedError("no");
  table_.SetInterest(fd_, kRead);
  const std::vector<ReadyEvent> ready = Apply();
  ASSERT_EQ(ready.size(), 1u);
  table_.Dispatch(ready[0]);
  EXPECT_THAT(channel_.Heard(), ElementsAre(kError));
  EXPECT_THAT(Apply(), IsEmpty());
}

TEST_F(ChannelTableTest, AfterARefusalAChangeIsTriedAgain) {
  poller_.refusal = absl::ResourceExhaustedError("no");
  table_.SetInterest(fd_, kRead);
  EXPECT_EQ(table_.Apply(fd_), poller_.refusal);
  poller_.refusal = absl::OkStatus();
  table_.SetInterest(fd_, kRead | kWrite);
  EXPECT_THAT(Apply(), IsEmpty());
  EXPECT_THAT(poller_.told, ElementsAre(Told("0>3")));
}

}  // namespace
}  // namespace rondo
