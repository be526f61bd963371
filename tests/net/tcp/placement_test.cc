#include "net/tcp/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(PlacementTest, NamesAreReadAsWritten) {
  for (const Placement placement :
       {Placement::kRoundRobin, Placement::kLeastConnections,
        Placement::kReusePort}) {
    EXPECT_EQ(*ParsePlacement(ToString(placement)), placement);
  }
}

TEST(PlacementTest, OtherNamesAreRefusedWithWhatIsAllowed) {
  for (const char* text : {"", "random", "round-robin ", "RoundRobin"}) {
    const auto placement = ParsePlacement(text);
    EXPECT_EQ(placement.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(placement.status().message()),
                AllOf(HasSubstr("'" + std::string(text) + "'"),
                      HasSubstr("round-robin"), HasSubstr("least-connections"),
                      HasSubstr("reuseport")));
  }
}

}  // namespace
}  // namespace rondo
