#include "net/http/path_parameters.h"

#include <gtest/gtest.h>

#include <optional>

namespace rondo {
namespace {

TEST(PathParametersTest, FindsByName) {
  PathParameters parameters;
  EXPECT_EQ(parameters.size(), 0u);
  EXPECT_EQ(parameters.Find("a"), std::nullopt);
  parameters.Add("a", "1");
  parameters.Add("empty", "");
  EXPECT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters.Find("a"), "1");
  EXPECT_EQ(parameters.Find("empty"), "");
  EXPECT_EQ(parameters.Find("A"), std::nullopt);
  EXPECT_EQ(parameters.Find(""), std::nullopt);
}

TEST(PathParametersTest, ForgetsAll) {
  PathParameters parameters;
  parameters.Add("a", "1");
  parameters.Clear();
  EXPECT_EQ(parameters.size(), 0u);
  EXPECT_EQ(parameters.Find("a"), std::nullopt);
  parameters.Add("b", "2");
  EXPECT_EQ(parameters.Find("b"), "2");
}

}  // namespace
}  // namespace rondo
