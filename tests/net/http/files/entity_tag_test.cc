#include "net/http/files/entity_tag.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace rondo {
namespace {

using Comparison = EntityTag::Comparison;
using Strength = EntityTag::Strength;

constexpr absl::Time kTime = absl::FromUnixNanos(1'700'000'000'123'456'789);

EntityTag Tag(std::string_view text) {
  const auto tag = EntityTag::Parse(text);
  EXPECT_TRUE(tag.has_value()) << text;
  return tag.value_or(EntityTag::OfFile(0, 0, kTime, Strength::kWeak));
}

TEST(EntityTagTest, Rfc9110_8_8_3_Examples) {
  EXPECT_EQ(Tag("\"xyzzy\"").ToString(), "\"xyzzy\"");
  EXPECT_EQ(Tag("W/\"xyzzy\"").ToString(), "W/\"xyzzy\"");
  EXPECT_EQ(Tag("\"\"").ToString(), "\"\"");
  EXPECT_EQ(Tag("\"xyzzy\"").strength(), Strength::kStrong);
  EXPECT_EQ(Tag("W/\"xyzzy\"").strength(), Strength::kWeak);
}

TEST(EntityTagTest, Rfc9110_8_8_3_TakesAnyVisibleByteButAQuote) {
  for (const std::string_view text :
       {"\"!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\"", "\"\\\"", "\"\x80\xff\"",
        "W/\"W/\"", "\"a,b\"", "\"*\""}) {
    EXPECT_EQ(Tag(text).ToString(), text);
  }
}

TEST(EntityTagTest, Rfc9110_8_8_3_RefusesWhatIsNoTag) {
  for (const std::string_view text :
       {"",       "\"",      "a",          "\"a",         "a\"",
        "W/",     "W/a",     "w/\"a\"",    "W\"a\"",      "W/ \"a\"",
        "/\"a\"", "\"a b\"", "\"a\tb\"",   "\"a\x01\"",   "\"\x7f\"",
        "\"a\" ", " \"a\"",  "\"a\"\"b\"", "\"a\",\"b\"", "\"a\\\"b\"",
        "'a'",    "*"}) {
    EXPECT_EQ(EntityTag::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(EntityTag::Parse(std::string_view("\"a\0\"", 4)), std::nullopt);
}

TEST(EntityTagTest, Rfc9110_8_8_3_2_Comparison) {
  struct Case {
    std::string_view a;
    std::string_view b;
    bool strong;
    bool weak;
  };
  for (const auto& [a, b, strong, weak] : {
           Case{"W/\"1\"", "W/\"1\"", false, true},
           {"W/\"1\"", "W/\"2\"", false, false},
           {"W/\"1\"", "\"1\"", false, true},
           {"\"1\"", "\"1\"", true, true},
           {"\"1\"", "\"2\"", false, false},
           {"\"a\"", "\"A\"", false, false},
           {"\"\"", "\"1\"", false, false},
       }) {
    EXPECT_EQ(Tag(a).Matches(Tag(b), Comparison::kStrong), strong) << a << b;
    EXPECT_EQ(Tag(b).Matches(Tag(a), Comparison::kStrong), strong) << a << b;
    EXPECT_EQ(Tag(a).Matches(Tag(b), Comparison::kWeak), weak) << a << b;
    EXPECT_EQ(Tag(b).Matches(Tag(a), Comparison::kWeak), weak) << a << b;
  }
}

TEST(EntityTagTest, Rfc9110_13_1_IsInLists) {
  struct Case {
    std::string_view list;
    bool strong;
    bool weak;
  };
  const EntityTag tag = Tag("\"a\"");
  for (const auto& [list, strong, weak] : {
           Case{"*", true, true},
           {" * ", true, true},
           {"\"a\"", true, true},
           {"W/\"a\"", false, true},
           {"\"b\"", false, false},
           {"\"b\",\"a\"", true, true},
           {"\"b\" , W/\"a\"\t,\"c\"", false, true},
           {"W/\"a\", \"a\"", true, true},
           // RFC 9110 §5.6.1.2: empty members do not count.
           {",, \"a\",,", true, true},
           {"", false, false},
           {",", false, false},
           // A comma in quotes separates nothing.
           {"\"x,\"a\",y\"", false, false},
           {"\",\", \"a\"", true, true},
           // Malformed, before or behind it.
           {"a", false, false},
           {"\"a\" b", false, false},
           {"\"a\"\"b\"", false, false},
           {"\"a\", b", false, false},
           {"b, \"a\"", false, false},
           {"\"a\", \"b", false, false},
           {"*, \"a\"", false, false},
           {"\"a\", *", false, false},
           {"**", false, false},
       }) {
    EXPECT_EQ(tag.IsIn(list, Comparison::kStrong), strong) << list;
    EXPECT_EQ(tag.IsIn(list, Comparison::kWeak), weak) << list;
  }
}

TEST(EntityTagTest, Rfc9110_8_8_3_2_AWeakOneIsInNoListStrongly) {
  const EntityTag tag = Tag("W/\"a\"");
  EXPECT_FALSE(tag.IsIn("\"a\", W/\"a\"", Comparison::kStrong));
  EXPECT_TRUE(tag.IsIn("\"a\"", Comparison::kWeak));
  EXPECT_TRUE(tag.IsIn("*", Comparison::kStrong));
}

TEST(EntityTagTest, Rfc9110_8_8_1_AFilesChangesWithIt) {
  const auto of_file = [](uint64_t inode, uint64_t bytes, absl::Time modified) {
    return EntityTag::OfFile(inode, bytes, modified, Strength::kStrong);
  };
  const EntityTag tag = of_file(1, 2, kTime);
  const auto is_same = [&tag](const EntityTag& other) {
    return tag.Matches(other, Comparison::kWeak);
  };
  EXPECT_TRUE(is_same(of_file(1, 2, kTime)));
  EXPECT_FALSE(is_same(of_file(2, 2, kTime)));
  EXPECT_FALSE(is_same(of_file(1, 3, kTime)));
  EXPECT_FALSE(is_same(of_file(1, 2, kTime + absl::Nanoseconds(1))));
  EXPECT_FALSE(of_file(1, 0x23, kTime)
                   .Matches(of_file(0x12, 3, kTime), Comparison::kWeak));
}

TEST(EntityTagTest, Rfc9110_8_8_3_AFilesIsATag) {
  for (const Strength strength : {Strength::kStrong, Strength::kWeak}) {
    for (const absl::Time modified :
         {kTime, absl::UnixEpoch(), absl::FromUnixSeconds(-1),
          absl::FromUnixSeconds(1LL << 40)}) {
      const EntityTag tag =
          EntityTag::OfFile(UINT64_MAX, UINT64_MAX, modified, strength);
      EXPECT_EQ(Tag(tag.ToString()).ToString(), tag.ToString());
      EXPECT_EQ(Tag(tag.ToString()).strength(), strength);
    }
  }
}

}  // namespace
}  // namespace rondo
