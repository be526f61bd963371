// What is particular to select; what all backends share is in poller_test.cc
// and poller_conformance_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/select.h>

#include <string>
#include <vector>

#include "net/reactor/poller.h"
#include "tests/testing/loops.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Occupies all free descriptors below `number`.
std::vector<UniqueFd> OccupyBelow(int number) {
  AllowDescriptors(number + 100);
  std::vector<UniqueFd> occupied;
  do {
    occupied.push_back(EventFd());
  } while (occupied.back().get() < number - 1);
  return occupied;
}

void ExpectNamesDescriptorAndRemedy(const absl::Status& status, int fd) {
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("descriptor " + std::to_string(fd)),
                    HasSubstr("1023"), HasSubstr("epoll or poll")));
}

TEST(SelectPollerTest, LoopUsesItByName) {
  EXPECT_EQ(NewLoop({.poller = "select"})->poller_name(), "select");
}

TEST(SelectPollerTest, WatchesTheHighestDescriptorItCan) {
  const FdPair pair = UnixPair();
  const std::vector<UniqueFd> occupied = OccupyBelow(FD_SETSIZE - 1);
  const UniqueFd highest = DuplicateAtOrAbove(pair.a, FD_SETSIZE - 1);
  ASSERT_EQ(highest.get(), FD_SETSIZE - 1);
  auto poller = *NewPoller("select");
  ASSERT_TRUE(
      poller->Update({highest.get(), 9}, IoEvents::kNone, kReadAndWrite).ok());
  Write(pair.b, "x");
  std::vector<ReadyEvent> ready;
  poller->Wait(absl::InfiniteDuration(), ready);
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready[0].watched.fd, FD_SETSIZE - 1);
  EXPECT_EQ(ready[0].watched.generation, 9u);
  EXPECT_EQ(ready[0].events, kReadAndWrite);
}

TEST(SelectPollerTest, RefusesHigherDescriptorsWithNumberAndRemedy) {
  const FdPair pair = UnixPair();
  const UniqueFd high = DuplicateAtOrAbove(pair.a, FD_SETSIZE);
  auto poller = *NewPoller("select");
  ExpectNamesDescriptorAndRemedy(
      poller->Update({high.get(), 1}, IoEvents::kNone, IoEvents::kReadable),
      high.get());
  poller->Forget({high.get(), 1});  // harmless
  std::vector<ReadyEvent> ready;
  poller->Wait(absl::ZeroDuration(), ready);
  EXPECT_TRUE(ready.empty());
}

TEST(SelectPollerTest, CommitTellsThatAChannelIsRefused) {
  const FdPair pair = UnixPair();
  const UniqueFd high = DuplicateAtOrAbove(pair.a, FD_SETSIZE + 100);
  auto loop = NewLoop({.poller = "select"});
  RecordingChannel channel(*loop, high, IoEvents::kReadable);
  ExpectNamesDescriptorAndRemedy(channel->Commit(), high.get());
}

TEST(SelectPollerTest, ARefusedChannelHearsOfItOnceAndOthersGoOn) {
  const FdPair pair = UnixPair();
  const UniqueFd high = DuplicateAtOrAbove(pair.a, FD_SETSIZE);
  auto loop = NewLoop({.poller = "select"});
  RecordingChannel refused(*loop, high, IoEvents::kWritable);
  RecordingChannel other(*loop, pair.b, IoEvents::kWritable);
  RunTurns(*loop, 3);
  EXPECT_THAT(refused.Heard(), ElementsAre(IoEvents::kError));
  EXPECT_GE(other.Heard().size(), 3u);
}

TEST(SelectPollerTest, ALoopThatCannotHearItsWakeupIsNotMade) {
  const std::vector<UniqueFd> occupied = OccupyBelow(FD_SETSIZE);
  const auto loop = EventLoop::Create({.poller = "select"});
  ExpectNamesDescriptorAndRemedy(loop.status(), occupied.back().get() + 1);
}

TEST(SelectPollerTest, SparseDescriptorsAreAllFound) {
  const FdPair pair = UnixPair();
  auto poller = *NewPoller("select");
  std::vector<UniqueFd> fds;
  for (int lowest : {100, 63, 64, 512, 300, 1'000}) {
    fds.push_back(DuplicateAtOrAbove(pair.a, lowest));
    ASSERT_TRUE(poller
                    ->Update({fds.back().get(), 1}, IoEvents::kNone,
                             IoEvents::kWritable)
                    .ok());
  }
  while (!fds.empty()) {
    std::vector<ReadyEvent> ready;
    poller->Wait(absl::ZeroDuration(), ready);
    EXPECT_EQ(ready.size(), fds.size());
    poller->Forget({fds.back().get(), 1});  // the highest first
    fds.pop_back();
  }
}

}  // namespace
}  // namespace rondo
