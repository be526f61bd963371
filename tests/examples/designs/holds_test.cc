#include "examples/designs/holds.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace rondo::examples {
namespace {

TEST(HoldsTest, CountsASecondHolderOfTheSame) {
  Holds holds;
  const Holds::Hold first(holds, 5);
  const Holds::Hold other(holds, 6);
  EXPECT_EQ(holds.conflicts(), 0);
  const Holds::Hold second(holds, 5);
  EXPECT_EQ(holds.conflicts(), 1);
}

TEST(HoldsTest, OneAfterAnotherIsNoConflict) {
  Holds holds;
  for (int i = 0; i < 3; ++i) const Holds::Hold hold(holds, 5);
  EXPECT_EQ(holds.conflicts(), 0);
}

// The limit may be raised while the program runs.
TEST(HoldsTest, TakesDescriptorsBeyondTheLimitThatItWasMadeUnder) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit low = {.rlim_cur = 64, .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  Holds holds;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const Holds::Hold first(holds, 100'000);
  const Holds::Hold second(holds, 100'000);
  EXPECT_EQ(holds.conflicts(), 1);
}

}  // namespace
}  // namespace rondo::examples
