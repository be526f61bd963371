#include "net/http/route_pattern.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {
namespace {

using Parts = std::vector<RoutePattern::Part>;

RoutePattern::Part Literal(std::string text) {
  return {RoutePattern::Kind::kLiteral, std::move(text)};
}
RoutePattern::Part Parameter(std::string name) {
  return {RoutePattern::Kind::kParameter, std::move(name)};
}
RoutePattern::Part Rest(std::string name) {
  return {RoutePattern::Kind::kRest, std::move(name)};
}

TEST(RoutePatternTest, HasAPartForEachSegment) {
  const std::vector<std::pair<std::string_view, Parts>> cases = {
      {"/", {Literal("")}},
      {"/a", {Literal("a")}},
      {"/a/b/", {Literal("a"), Literal("b"), Literal("")}},
      {"//", {Literal(""), Literal("")}},
      {"/{a}", {Parameter("a")}},
      {"/a/{b}/c/{d}",
       {Literal("a"), Parameter("b"), Literal("c"), Parameter("d")}},
      {"/{a}/", {Parameter("a"), Literal("")}},
      {"/{a...}", {Rest("a")}},
      {"/a/{b}/{c...}", {Literal("a"), Parameter("b"), Rest("c")}},
      {"/{user_id-1}", {Parameter("user_id-1")}},
      {"/a/{a}", {Literal("a"), Parameter("a")}},
      {"/...", {Literal("...")}},
  };
  for (const auto& [pattern, parts] : cases) {
    EXPECT_EQ(RoutePattern::Parse(pattern).parts, parts) << pattern;
  }
}

TEST(RoutePatternTest, DecodesLiterals) {
  const std::vector<std::pair<std::string_view, Parts>> cases = {
      {"/%61", {Literal("a")}},
      {"/a%2Fb/c", {Literal("a/b"), Literal("c")}},
      {"/%7Ba%7D", {Literal("{a}")}},
      {"/100%25", {Literal("100%")}},
      {"/a b/\xc3\xa9", {Literal("a b"), Literal("\xc3\xa9")}},
      {"/%3F%23", {Literal("?#")}},
  };
  for (const auto& [pattern, parts] : cases) {
    EXPECT_EQ(RoutePattern::Parse(pattern).parts, parts) << pattern;
  }
}

TEST(RoutePatternTest, TakesAsManySegmentsAsItSays) {
  std::string pattern;
  for (size_t i = 0; i < RoutePattern::kMaxSegments; ++i) pattern += "/a";
  EXPECT_EQ(RoutePattern::Parse(pattern).parts.size(),
            RoutePattern::kMaxSegments);
}

}  // namespace
}  // namespace rondo
