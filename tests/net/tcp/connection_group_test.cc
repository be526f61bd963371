#include "net/tcp/connection_group.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace rondo {
namespace {

std::shared_ptr<ConnectionGroup> NewGroup(size_t loops) {
  return std::make_shared<ConnectionGroup>(ConnectionCallbacks{}, loops);
}

TEST(ConnectionGroupTest, IsEmptyAtFirst) {
  const auto group = NewGroup(2);
  EXPECT_EQ(group->open(), 0u);
  EXPECT_EQ(group->opened(), 0u);
  for (size_t i = 0; i < kCloseReasons; ++i) {
    EXPECT_EQ(group->closed(static_cast<CloseReason>(i)), 0u);
  }
  EXPECT_FALSE(group->callbacks().on_connect);
  EXPECT_FALSE(group->callbacks().on_message);
  EXPECT_FALSE(group->callbacks().on_write_complete);
  EXPECT_FALSE(group->callbacks().on_close);
}

TEST(ConnectionGroupTest, CountsMembersByLoop) {
  const auto group = NewGroup(3);
  std::optional<ConnectionMembership> a(std::in_place, group, 0);
  const ConnectionMembership b(group, 2);
  const ConnectionMembership c(group, 2);
  EXPECT_EQ(group->open_on_loop(0), 1u);
  EXPECT_EQ(group->open_on_loop(1), 0u);
  EXPECT_EQ(group->open_on_loop(2), 2u);
  EXPECT_EQ(group->open(), 3u);
  a.reset();
  EXPECT_EQ(group->open_on_loop(0), 0u);
  EXPECT_EQ(group->open(), 2u);
  EXPECT_EQ(group->opened(), 3u);
}

TEST(ConnectionGroupTest, TellsThatItIsStopped) {
  const auto group = NewGroup(1);
  EXPECT_FALSE(group->stopped());
  group->Stop();
  EXPECT_TRUE(group->stopped());
}

TEST(ConnectionGroupTest, AMovedMembershipCountsOnce) {
  const auto group = NewGroup(1);
  {
    ConnectionMembership from(group, 0);
    const ConnectionMembership to(std::move(from));
    EXPECT_EQ(to.group(), group.get());
    EXPECT_EQ(from.group(), nullptr);
    EXPECT_EQ(group->open(), 1u);
    EXPECT_EQ(group->opened(), 1u);
  }
  EXPECT_EQ(group->open(), 0u);
}

TEST(ConnectionGroupTest, LivesAsLongAsItsMembers) {
  auto group = NewGroup(1);
  const std::weak_ptr<ConnectionGroup> watch = group;
  {
    const ConnectionMembership member(std::move(group), 0);
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
}

TEST(ConnectionGroupTest, CountsFromSeveralThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 1'000;
  const auto group = NewGroup(2);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([group, i] {
      for (int n = 0; n < kEach; ++n) ConnectionMembership member(group, i % 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(group->open(), 0u);
  EXPECT_EQ(group->opened(), uint64_t{kThreads * kEach});
}

}  // namespace
}  // namespace rondo
