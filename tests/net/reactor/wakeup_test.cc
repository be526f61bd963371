#include "net/reactor/wakeup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <utility>
#include <vector>

#include "tests/testing/sockets.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

Wakeup NewWakeup() {
  auto wakeup = Wakeup::Create();
  EXPECT_TRUE(wakeup.ok()) << wakeup.status();
  return *std::move(wakeup);
}

bool IsReadable(const Wakeup& wakeup) {
  pollfd one = {wakeup.fd(), POLLIN, 0};
  return poll(&one, 1, 0) == 1;
}

TEST(WakeupTest, IsReadableFromNotifyToClear) {
  Wakeup wakeup = NewWakeup();
  EXPECT_FALSE(IsReadable(wakeup));
  wakeup.Notify();
  EXPECT_TRUE(IsReadable(wakeup));
  wakeup.Clear();
  EXPECT_FALSE(IsReadable(wakeup));
}

TEST(WakeupTest, OneClearTakesManyNotifications) {
  Wakeup wakeup = NewWakeup();
  for (int i = 0; i < 1'000; ++i) wakeup.Notify();
  EXPECT_EQ(wakeup.Clear(), 1'000u);
  EXPECT_FALSE(IsReadable(wakeup));
  EXPECT_EQ(wakeup.Clear(), 0u);  // nor does it block
}

TEST(WakeupTest, WaitReturnsWhenItIsReadable) {
  Wakeup wakeup = NewWakeup();
  Thread notifier = NewThread("notifier", [&wakeup] { wakeup.Notify(); });
  wakeup.Wait();
  EXPECT_EQ(wakeup.Clear(), 1u);
}

TEST(WakeupTest, CloseClosesTheDescriptor) {
  Wakeup wakeup = NewWakeup();
  const int fd = wakeup.fd();
  wakeup.Close();
  EXPECT_EQ(fcntl(fd, F_GETFD), -1);
}

TEST(WakeupTest, DescriptorIsNonBlockingAndClosedOnExec) {
  const Wakeup wakeup = NewWakeup();
  EXPECT_TRUE(fcntl(wakeup.fd(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(fcntl(wakeup.fd(), F_GETFD) & FD_CLOEXEC);
}

TEST(WakeupTest, AnyThreadMayNotify) {
  Wakeup wakeup = NewWakeup();
  std::vector<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(NewThread("notifier", [&wakeup] {
      for (int n = 0; n < 100; ++n) wakeup.Notify();
    }));
  }
  pollfd one = {wakeup.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&one, 1, -1), 1);
}

TEST(WakeupTest, OutOfDescriptorsIsAnErrorNotACrash) {
  const DescriptorFamine famine;
  const auto wakeup = Wakeup::Create();
  EXPECT_EQ(wakeup.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(WakeupTest, MoveTakesTheDescriptorAlong) {
  Wakeup from = NewWakeup();
  const int fd = from.fd();
  Wakeup to = std::move(from);
  EXPECT_EQ(to.fd(), fd);
  to.Notify();
  EXPECT_TRUE(IsReadable(to));
}

}  // namespace
}  // namespace rondo
