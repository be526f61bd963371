#include "tests/testing/loops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rondo {
namespace {

using ::testing::ElementsAre;

TEST(LoopsTest, AWaitIsTakenAgainInEachTurnUntilItIsTrue) {
  const auto loop = NewLoop();
  std::vector<std::string> taken;
  bool turn_has_ended = true;
  RunSteps(
      *loop, [&] { taken.push_back("before"); }, Until([&] {
        EXPECT_TRUE(turn_has_ended);
        turn_has_ended = false;
        loop->RunAfter(absl::ZeroDuration(), [&] { turn_has_ended = true; });
        taken.push_back("wait");
        return taken.size() == 4;
      }),
      [&] { taken.push_back("after"); });
  EXPECT_THAT(taken, ElementsAre("before", "wait", "wait", "wait", "after"));
}

}  // namespace
}  // namespace rondo
