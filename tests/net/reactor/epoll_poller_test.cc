// What is particular to epoll; what all backends share is in poller_test.cc and
// poller_conformance_test.cc.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "net/reactor/poller.h"
#include "tests/testing/loops.h"
#include "tests/testing/recording_channel.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

UniqueFd RegularFile() {
  return UniqueFd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

TEST(EpollPollerTest, IsTheDefault) {
  EXPECT_EQ(NewLoop()->poller_name(), "epoll");
}

TEST(EpollPollerTest, RefusesWhatCannotBeWatchedAndNamesIt) {
  const UniqueFd file = RegularFile();
  auto poller = NewPoller("epoll");
  ASSERT_TRUE(poller.ok());
  const absl::Status status =
      (*poller)->Update({file.get(), 1}, IoEvents::kNone, IoEvents::kReadable);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("descriptor " + std::to_string(file.get())));
}

TEST(EpollPollerTest, ARefusedChannelHearsOfItOnce) {
  const UniqueFd file = RegularFile();
  auto loop = NewLoop({.poller = "epoll"});
  RecordingChannel channel(*loop, file, IoEvents::kReadable);
  RunTurns(*loop, 3);
  EXPECT_THAT(channel.Heard(), ElementsAre(IoEvents::kError));
}

// One wait returns at most 512; the kernel goes round those that are ready, so
// that none of them starves.
TEST(EpollPollerTest, MoreReadyThanOneWaitReturnsAreAllReported) {
  constexpr int kReady = 1'200;
  AllowDescriptors(kReady + 100);
  auto poller = NewPoller("epoll");
  ASSERT_TRUE(poller.ok());
  std::vector<UniqueFd> fds;
  for (int i = 0; i < kReady; ++i) {
    fds.push_back(EventFd());  // writable from birth
    ASSERT_TRUE((*poller)
                    ->Update({fds.back().get(), 1}, IoEvents::kNone,
                             IoEvents::kWritable)
                    .ok());
  }
  std::set<int> seen;
  for (int wait = 0; wait < 3; ++wait) {
    std::vector<ReadyEvent> ready;
    (*poller)->Wait(absl::ZeroDuration(), ready);
    for (const ReadyEvent& event : ready) seen.insert(event.watched.fd);
  }
  EXPECT_EQ(seen.size(), size_t{kReady});
}

TEST(EpollPollerTest, OutOfDescriptorsIsAnErrorNotACrash) {
  const DescriptorFamine famine;
  const auto poller = NewPoller("epoll");
  EXPECT_EQ(poller.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(poller.status().message()), HasSubstr("epoll"));
}

}  // namespace
}  // namespace rondo
