#include "net/http/http_limit.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace rondo {
namespace {

TEST(HttpLimitTest, EachHasTheNameOfItsOption) {
  EXPECT_EQ(ToString(HttpLimit::kBodyBytes), "max_body_bytes");
  std::set<std::string_view> names;
  for (size_t i = 0; i < kHttpLimits; ++i) {
    names.insert(ToString(static_cast<HttpLimit>(i)));
  }
  EXPECT_EQ(names.size(), kHttpLimits);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(ToString(static_cast<HttpLimit>(kHttpLimits)), "unknown");
}

}  // namespace
}  // namespace rondo
