// What is particular to poll; what all backends share is in poller_test.cc and
// poller_conformance_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "net/reactor/poller.h"
#include "tests/testing/loops.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::IsEmpty;

class PollPollerTest : public ::testing::Test {
 protected:
  std::vector<ReadyEvent> Ready() {
    std::vector<ReadyEvent> ready;
    poller_->Wait(absl::ZeroDuration(), ready);
    return ready;
  }

  const std::unique_ptr<Poller> poller_ = *NewPoller("poll");
};

TEST_F(PollPollerTest, LoopUsesItByName) {
  EXPECT_EQ(NewLoop({.poller = "poll"})->poller_name(), "poll");
}

TEST_F(PollPollerTest, ForgettingWhatIsNotWatchedIsHarmless) {
  const FdPair pair = UnixPair();
  poller_->Forget({pair.a.get(), 1});
  ASSERT_TRUE(
      poller_->Update({pair.a.get(), 1}, IoEvents::kNone, IoEvents::kWritable)
          .ok());
  poller_->Forget({pair.b.get(), 1});
  poller_->Forget({100'000, 1});
  EXPECT_EQ(Ready().size(), 1u);
  poller_->Forget({pair.a.get(), 1});
  poller_->Forget({pair.a.get(), 1});
  EXPECT_THAT(Ready(), IsEmpty());
}

// poll says POLLNVAL: a bug of the caller, and not one to hide.
TEST_F(PollPollerTest, ADescriptorClosedUnforgottenIsAnError) {
  FdPair pair = UnixPair();
  ASSERT_TRUE(
      poller_->Update({pair.a.get(), 1}, IoEvents::kNone, IoEvents::kReadable)
          .ok());
  pair.a.Reset();
  const std::vector<ReadyEvent> ready = Ready();
  ASSERT_EQ(ready.size(), 1u);
  EXPECT_TRUE(Any(ready[0].events, IoEvents::kError));
  EXPECT_TRUE(Any(ready[0].events, IoEvents::kReadable));
}

}  // namespace
}  // namespace rondo
