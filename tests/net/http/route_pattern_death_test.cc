#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "net/http/route_pattern.h"

namespace rondo {
namespace {

// Dies for each of a list, and says which pattern it was.
TEST(RoutePatternDeathTest, WhatMakesNoSenseIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  struct {
    std::string pattern;
    std::string reason;
  } const cases[] = {
      {"", "it must begin with a slash"},
      {"a", "it must begin with a slash"},
      {"{a}", "it must begin with a slash"},
      {"*", "it must begin with a slash"},
      {"/{}", "{} has no name"},
      {"/{...}", "{...} has no name"},
      {"/{a}{b}", "{a}{b} has no name"},
      {"/{a b}", "{a b} has no name"},
      {"/{a", "a parameter is a whole segment, not {a"},
      {"/a}", "a parameter is a whole segment, not a}"},
      {"/a{b}", "a parameter is a whole segment, not a{b}"},
      {"/{a/b}", "a parameter is a whole segment, not {a"},
      {"/{a}/b/{a}", "{a} comes twice"},
      {"/{a}/{a...}", "{a...} comes twice"},
      {"/{a...}/b", "nothing can follow the rest"},
      {"/{a...}/", "nothing can follow the rest"},
      {"/a?b", "a path ends before a?b"},
      {"/a#b", "a path ends before a#b"},
      {"/%4", "two hex digits must follow each percent sign"},
      {"/100%", "two hex digits must follow each percent sign"},
  };
  for (const auto& [pattern, reason] : cases) {
    EXPECT_DEATH(RoutePattern::Parse(pattern),
                 testing::HasSubstr("route " + pattern + ": " + reason))
        << pattern;
  }
}

TEST(RoutePatternDeathTest, TooManySegmentsAreABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::string pattern;
  for (size_t i = 0; i <= RoutePattern::kMaxSegments; ++i) pattern += "/a";
  EXPECT_DEATH(RoutePattern::Parse(pattern),
               testing::HasSubstr(pattern + ": more than 64 segments"));
}

}  // namespace
}  // namespace rondo
