#include "net/http/query_parameters.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// All parameters; one pair that nobody has sent if the query is refused.
Pairs Parse(std::string_view query) {
  const auto parameters = QueryParameters::Parse(query);
  if (!parameters.has_value()) return {{"refused", "refused"}};
  return parameters->all();
}

bool IsRefused(std::string_view query) {
  return !QueryParameters::Parse(query).has_value();
}

TEST(QueryParametersTest, SplitsNamesFromValues) {
  EXPECT_EQ(Parse(""), Pairs());
  EXPECT_EQ(Parse("a=1"), (Pairs{{"a", "1"}}));
  EXPECT_EQ(Parse("a=1&b=2"), (Pairs{{"a", "1"}, {"b", "2"}}));
}

TEST(QueryParametersTest, MayLackValuesAndNames) {
  EXPECT_EQ(Parse("a"), (Pairs{{"a", ""}}));
  EXPECT_EQ(Parse("a="), (Pairs{{"a", ""}}));
  EXPECT_EQ(Parse("=1"), (Pairs{{"", "1"}}));
  EXPECT_EQ(Parse("="), (Pairs{{"", ""}}));
  EXPECT_EQ(Parse("a&b=1&c"), (Pairs{{"a", ""}, {"b", "1"}, {"c", ""}}));
}

TEST(QueryParametersTest, SkipsEmptyPairs) {
  EXPECT_EQ(Parse("&"), Pairs());
  EXPECT_EQ(Parse("&&a=1&&&b=2&"), (Pairs{{"a", "1"}, {"b", "2"}}));
}

TEST(QueryParametersTest, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(Parse("a=b=c"), (Pairs{{"a", "b=c"}}));
  EXPECT_EQ(Parse("a=="), (Pairs{{"a", "="}}));
  EXPECT_EQ(Parse("==a"), (Pairs{{"", "=a"}}));
}

TEST(QueryParametersTest, SplitsBeforeItDecodes) {
  EXPECT_EQ(Parse("a%3Db=c%26d=e"), (Pairs{{"a=b", "c&d=e"}}));
  EXPECT_EQ(Parse("a%26b"), (Pairs{{"a&b", ""}}));
}

TEST(QueryParametersTest, DecodesOnce) {
  EXPECT_EQ(Parse("a+b=c+d"), (Pairs{{"a b", "c d"}}));
  EXPECT_EQ(Parse("%61=%2B%20+"), (Pairs{{"a", "+  "}}));
  EXPECT_EQ(Parse("a=%2541"), (Pairs{{"a", "%41"}}));
  EXPECT_EQ(Parse("a=%c3%A9"), (Pairs{{"a", "\xc3\xa9"}}));
  EXPECT_EQ(Parse("a=%00b"), (Pairs{{"a", std::string("\0b", 2)}}));
}

TEST(QueryParametersTest, KeepsOtherSeparatorsAsBytes) {
  EXPECT_EQ(Parse("a=1;b=2"), (Pairs{{"a", "1;b=2"}}));
  EXPECT_EQ(Parse("a[]=1,2&b.c=?/:@"),
            (Pairs{{"a[]", "1,2"}, {"b.c", "?/:@"}}));
}

TEST(QueryParametersTest, KeepsEqualNamesInTheirOrder) {
  EXPECT_EQ(Parse("b=2&a=1&b=1"), (Pairs{{"b", "2"}, {"a", "1"}, {"b", "1"}}));
}

TEST(QueryParametersTest, RefusesBadEscapes) {
  for (const std::string_view query :
       {"%", "a=%", "a=%4", "a=%4g", "%zz=1", "a=1&b=%", "a%=1", "a=%4&b=1",
        "a=1&%", "%3&d"}) {
    EXPECT_TRUE(IsRefused(query)) << query;
  }
}

TEST(QueryParametersTest, FindsTheFirst) {
  const auto parameters = QueryParameters::Parse("b=2&a=1&b=1&c&%64=4");
  ASSERT_TRUE(parameters.has_value());
  EXPECT_EQ(parameters->Find("a"), "1");
  EXPECT_EQ(parameters->Find("b"), "2");
  EXPECT_EQ(parameters->Find("c"), "");
  EXPECT_EQ(parameters->Find("d"), "4");
  EXPECT_EQ(parameters->Find("A"), std::nullopt);
  EXPECT_EQ(parameters->Find(""), std::nullopt);
  EXPECT_EQ(parameters->Find("%64"), std::nullopt);
}

TEST(QueryParametersTest, TakesAsManyAsItsLimit) {
  std::string query;
  for (size_t i = 0; i < QueryParameters::kMax; ++i) query += "a=1&";
  EXPECT_EQ(Parse(query).size(), QueryParameters::kMax);
  EXPECT_EQ(Parse(query + "&&").size(), QueryParameters::kMax);
  EXPECT_TRUE(IsRefused(query + "a"));
}

}  // namespace
}  // namespace rondo
