#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <type_traits>
#include <utility>

namespace rondo {
namespace {

int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

TEST(UniqueFdTest, DefaultHoldsNothing) {
  const UniqueFd fd;
  EXPECT_FALSE(fd.valid());
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFdTest, HoldsDescriptorZero) {
  UniqueFd fd(0);
  EXPECT_TRUE(fd.valid());
  EXPECT_EQ(fd.Release(), 0);
}

TEST(UniqueFdTest, ClosesWhenDestroyed) {
  const int raw = OpenNull();
  {
    const UniqueFd fd(raw);
    EXPECT_TRUE(IsOpen(raw));
  }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(UniqueFdTest, ReleaseLeavesItOpen) {
  UniqueFd fd(OpenNull());
  const int raw = fd.Release();
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(raw));
  close(raw);
}

TEST(UniqueFdTest, ResetClosesTheOldOneAndTakesTheNew) {
  const int first = OpenNull();
  const int second = OpenNull();
  UniqueFd fd(first);
  fd.Reset(second);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_TRUE(IsOpen(second));
  EXPECT_EQ(fd.get(), second);
  fd.Reset();
  EXPECT_FALSE(IsOpen(second));
  EXPECT_FALSE(fd.valid());
}

TEST(UniqueFdTest, MoveConstructionTakesItOver) {
  UniqueFd from(OpenNull());
  const int raw = from.get();
  const UniqueFd to(std::move(from));
  EXPECT_FALSE(from.valid());
  EXPECT_EQ(to.get(), raw);
  EXPECT_TRUE(IsOpen(raw));
}

TEST(UniqueFdTest, MoveAssignmentClosesWhatWasHeld) {
  const int first = OpenNull();
  const int second = OpenNull();
  UniqueFd to(first);
  UniqueFd from(second);
  to = std::move(from);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_EQ(to.get(), second);
  EXPECT_FALSE(from.valid());
}

TEST(UniqueFdTest, SelfMoveKeepsIt) {
  UniqueFd fd(OpenNull());
  const int raw = fd.get();
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_EQ(fd.get(), raw);
  EXPECT_TRUE(IsOpen(raw));
}

TEST(UniqueFdTest, CannotBeCopied) {
  EXPECT_FALSE(std::is_copy_constructible_v<UniqueFd>);
  EXPECT_FALSE(std::is_copy_assignable_v<UniqueFd>);
}

}  // namespace
}  // namespace rondo
