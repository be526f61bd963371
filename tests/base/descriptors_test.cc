#include "base/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

#include "base/unique_fd.h"

namespace rondo {
namespace {

TEST(DescriptorsTest, EachThatIsOpenedLeavesOneLess) {
  const size_t before = DescriptorsLeft();
  EXPECT_GT(before, 0);
  std::vector<UniqueFd> open;
  for (size_t i = 1; i <= 3; ++i) {
    open.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(open.back().valid());
    EXPECT_EQ(DescriptorsLeft(), before - i);
  }
  open.clear();
  EXPECT_EQ(DescriptorsLeft(), before);
}

TEST(DescriptorsTest, FollowsTheSoftLimit) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const size_t before = DescriptorsLeft();
  const rlim_t in_use = limit.rlim_cur - before;
  rlimit lower = limit;
  lower.rlim_cur = in_use + 7;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  EXPECT_EQ(DescriptorsLeft(), 7);
  // What it would look with cannot be opened.
  lower.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  EXPECT_EQ(DescriptorsLeft(), 0);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

}  // namespace
}  // namespace rondo
