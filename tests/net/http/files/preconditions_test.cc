#include "net/http/files/preconditions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "net/http/files/entity_tag.h"

namespace rondo {
namespace {

constexpr absl::Time kModified = absl::FromUnixSeconds(784'111'777);
// An hour later.
constexpr absl::Time kNow = absl::FromUnixSeconds(784'115'377);
constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view kThen = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
// After kNow as well.
constexpr std::string_view kFuture = "Sun, 06 Nov 2033 08:49:38 GMT";
constexpr std::string_view kThenRfc850 = "Sunday, 06-Nov-94 08:49:37 GMT";
constexpr std::string_view kThenAsctime = "Sun Nov  6 08:49:37 1994";

using Fields = std::vector<HttpField>;

// What it comes to, as text: a status, or the ranges to be sent, or "all".
std::string Ask(std::string_view method, const Fields& fields,
                const Validators& current) {
  const auto [outcome, range] =
      Preconditions::Evaluate(method, fields, current, kNow);
  switch (outcome) {
    case Preconditions::Outcome::kProceed:
      return range.empty() ? "all" : std::string(range);
    case Preconditions::Outcome::kNotModified:
      EXPECT_EQ(range, "");
      return "304";
    case Preconditions::Outcome::kFailed:
      EXPECT_EQ(range, "");
      return "412";
  }
  return "";
}

// Of something that is "a".
Validators Current() {
  return {.tag = *EntityTag::Parse("\"a\""),
          .last_modified = kModified,
          .last_modified_is_strong = true};
}

// Of the same in the second in which it was modified.
Validators Young() {
  return {.tag = *EntityTag::Parse("W/\"a\""),
          .last_modified = kModified,
          .last_modified_is_strong = false};
}

struct Case {
  std::string_view what;
  Fields fields;
  std::string_view get;
  std::string_view put = "all";
};

void ExpectAll(const std::vector<Case>& cases,
               const Validators& current = Current()) {
  for (const auto& [what, fields, get, put] : cases) {
    EXPECT_EQ(Ask("GET", fields, current), get) << what;
    EXPECT_EQ(Ask("PUT", fields, current), put) << what;
    const std::string_view head = get.starts_with("bytes") ? "all" : get;
    EXPECT_EQ(Ask("HEAD", fields, current), head) << what;
  }
}

TEST(PreconditionsTest, WithoutAnyAllIsSent) {
  ExpectAll(
      {{"nothing", {}, "all"},
       {"others", {{"Host", "a"}, {"If", "*"}, {"X-If-Match", "x"}}, "all"}});
}

TEST(PreconditionsTest, Rfc9110_13_1_1_IfMatch) {
  ExpectAll({
      {"it", {{"If-Match", "\"a\""}}, "all"},
      {"in any case", {{"IF-MATCH", "\"b\""}}, "412", "412"},
      {"any", {{"If-Match", "*"}}, "all"},
      {"another", {{"If-Match", "\"b\""}}, "412", "412"},
      {"a weak one", {{"If-Match", "W/\"a\""}}, "412", "412"},
      {"malformed", {{"If-Match", "a"}}, "412", "412"},
      {"empty", {{"If-Match", ""}}, "412", "412"},
      {"two fields", {{"If-Match", "\"b\""}, {"If-Match", "\"a\""}}, "all"},
  });
}

TEST(PreconditionsTest, Rfc9110_13_1_4_IfUnmodifiedSince) {
  ExpectAll({
      {"before", {{"If-Unmodified-Since", kBefore}}, "412", "412"},
      {"then", {{"If-Unmodified-Since", kThen}}, "all"},
      {"after", {{"If-Unmodified-Since", kAfter}}, "all"},
      {"no date", {{"If-Unmodified-Since", "yesterday"}}, "all"},
      {"two fields",
       {{"If-Unmodified-Since", kBefore}, {"If-Unmodified-Since", kBefore}},
       "all"},
  });
}

TEST(PreconditionsTest, Rfc9110_13_1_2_IfNoneMatch) {
  ExpectAll({
      {"it", {{"If-None-Match", "\"a\""}}, "304", "412"},
      {"any", {{"If-None-Match", "*"}}, "304", "412"},
      {"another", {{"If-None-Match", "\"b\""}}, "all"},
      {"a weak one", {{"If-None-Match", "W/\"a\""}}, "304", "412"},
      {"one of them", {{"If-None-Match", "\"b\", W/\"a\""}}, "304", "412"},
      {"malformed", {{"If-None-Match", "a"}}, "all"},
      {"two fields",
       {{"If-None-Match", "\"a\""}, {"If-None-Match", "\"b\""}},
       "304",
       "412"},
  });
}

TEST(PreconditionsTest, Rfc9110_13_1_3_IfModifiedSince) {
  ExpectAll({
      {"before", {{"If-Modified-Since", kBefore}}, "all"},
      {"then", {{"If-Modified-Since", kThen}}, "304"},
      {"in RFC 850's form", {{"If-Modified-Since", kThenRfc850}}, "304"},
      {"in asctime's form", {{"If-Modified-Since", kThenAsctime}}, "304"},
      {"after", {{"If-Modified-Since", kAfter}}, "304"},
      {"in the future", {{"If-Modified-Since", kFuture}}, "304"},
      {"no date", {{"If-Modified-Since", "0"}}, "all"},
      {"empty", {{"If-Modified-Since", ""}}, "all"},
      {"two fields",
       {{"If-Modified-Since", kThen}, {"If-Modified-Since", kThen}},
       "all"},
  });
}

TEST(PreconditionsTest, Rfc9110_13_2_2_Precedence) {
  ExpectAll({
      {"If-Match before If-Unmodified-Since",
       {{"If-Unmodified-Since", kBefore}, {"If-Match", "\"a\""}},
       "all"},
      {"a failed If-Match before If-None-Match",
       {{"If-None-Match", "\"a\""}, {"If-Match", "\"b\""}},
       "412",
       "412"},
      {"a failed If-Unmodified-Since before If-None-Match",
       {{"If-None-Match", "\"a\""}, {"If-Unmodified-Since", kBefore}},
       "412",
       "412"},
      {"If-None-Match after If-Match",
       {{"If-None-Match", "\"a\""}, {"If-Match", "\"a\""}},
       "304",
       "412"},
      {"If-None-Match before If-Modified-Since: other",
       {{"If-Modified-Since", kThen}, {"If-None-Match", "\"b\""}},
       "all"},
      {"If-None-Match before If-Modified-Since: same",
       {{"If-Modified-Since", kBefore}, {"If-None-Match", "\"a\""}},
       "304",
       "412"},
      {"a malformed If-None-Match is there all the same",
       {{"If-Modified-Since", kThen}, {"If-None-Match", "a"}},
       "all"},
      {"If-Modified-Since after If-Match",
       {{"If-Modified-Since", kThen}, {"If-Match", "\"a\""}},
       "304"},
      {"Range comes last",
       {{"Range", "bytes=0-1"}, {"If-None-Match", "\"a\""}},
       "304",
       "412"},
      {"Range after conditions that hold",
       {{"Range", "bytes=0-1"}, {"If-Match", "\"a\""}},
       "bytes=0-1"},
  });
}

TEST(PreconditionsTest, Rfc9110_13_1_5_IfRange) {
  const HttpField range = {"Range", "bytes=0-1"};
  ExpectAll({
      {"none", {range}, "bytes=0-1"},
      {"it", {range, {"If-Range", "\"a\""}}, "bytes=0-1"},
      {"before it", {{"If-Range", "\"a\""}, range}, "bytes=0-1"},
      {"another", {range, {"If-Range", "\"b\""}}, "all"},
      {"a weak one", {range, {"If-Range", "W/\"a\""}}, "all"},
      {"a list", {range, {"If-Range", "\"a\", \"b\""}}, "all"},
      {"any", {range, {"If-Range", "*"}}, "all"},
      {"before", {range, {"If-Range", kBefore}}, "all"},
      {"then", {range, {"If-Range", kThen}}, "bytes=0-1"},
      {"then, else written", {range, {"If-Range", kThenAsctime}}, "bytes=0-1"},
      {"after: only the same will do", {range, {"If-Range", kAfter}}, "all"},
      {"no date", {range, {"If-Range", "a"}}, "all"},
      {"empty", {range, {"If-Range", ""}}, "all"},
      {"two fields",
       {range, {"If-Range", "\"a\""}, {"If-Range", "\"a\""}},
       "all"},
      {"without a Range", {{"If-Range", "\"b\""}}, "all"},
  });
}

TEST(PreconditionsTest, Rfc9110_8_8_2_2_WhatIsYoungIsComparedWeakly) {
  const HttpField range = {"Range", "bytes=0-1"};
  ExpectAll(
      {
          {"If-Range, its tag", {range, {"If-Range", "W/\"a\""}}, "all"},
          {"If-Range, a strong one", {range, {"If-Range", "\"a\""}}, "all"},
          {"If-Range, its date", {range, {"If-Range", kThen}}, "all"},
          {"no If-Range", {range}, "bytes=0-1"},
          {"If-Match", {{"If-Match", "W/\"a\""}}, "412", "412"},
          {"If-None-Match", {{"If-None-Match", "W/\"a\""}}, "304", "412"},
          {"If-Modified-Since", {{"If-Modified-Since", kThen}}, "304"},
      },
      Young());
}

TEST(PreconditionsTest, Rfc9110_14_2_RangeIsOfGetAndComesOnce) {
  EXPECT_EQ(Ask("GET", {{"rAnGe", "x"}}, Current()), "x");
  EXPECT_EQ(Ask("HEAD", {{"Range", "x"}}, Current()), "all");
  EXPECT_EQ(Ask("get", {{"Range", "x"}}, Current()), "all");
  EXPECT_EQ(Ask("GET", {{"Range", "x"}, {"Range", "x"}}, Current()), "all");
}

}  // namespace
}  // namespace rondo
