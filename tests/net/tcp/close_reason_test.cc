#include "net/tcp/close_reason.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace rondo {
namespace {

TEST(CloseReasonTest, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (size_t i = 0; i < kCloseReasons; ++i) {
    names.emplace(ToString(static_cast<CloseReason>(i)));
  }
  EXPECT_EQ(names.size(), kCloseReasons);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(CloseReasonTest, ReadsLikeItsConstant) {
  EXPECT_EQ(ToString(CloseReason::kPeerClosed), "peer closed");
  EXPECT_EQ(ToString(CloseReason::kPollerRefused), "poller refused");
}

TEST(CloseReasonTest, KCloseReasonsCountsThem) {
  EXPECT_EQ(ToString(static_cast<CloseReason>(kCloseReasons)), "unknown");
}

TEST(CloseReasonTest, OfAnErrorTellsAResetFromTheOthers) {
  EXPECT_EQ(ReasonOfError(ECONNRESET), CloseReason::kPeerReset);
  EXPECT_EQ(ReasonOfError(EPIPE), CloseReason::kPeerReset);
  EXPECT_EQ(ReasonOfError(ETIMEDOUT), CloseReason::kSocketError);
}

}  // namespace
}  // namespace rondo
