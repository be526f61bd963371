#include "net/http/http_date.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace rondo {
namespace {

// The moment of RFC 9110's examples.
constexpr absl::Time kExample = absl::FromUnixSeconds(784'111'777);

absl::Time Utc(int year, int month, int day) {
  return absl::FromCivil(absl::CivilSecond(year, month, day),
                         absl::UTCTimeZone());
}

std::optional<absl::Time> Parse(std::string_view text) {
  return ParseHttpDate(text, Utc(2026, 11, 22));
}

// The year that two digits are read as.
int64_t YearOf(std::string_view text, absl::Time now) {
  const auto time = ParseHttpDate(text, now);
  if (!time.has_value()) return 0;
  return absl::ToCivilYear(*time, absl::UTCTimeZone()).year();
}

TEST(HttpDateTest, Rfc9110_5_6_7_Formats) {
  EXPECT_EQ(FormatHttpDate(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(absl::UnixEpoch()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(absl::FromUnixSeconds(2'147'483'648)),
            "Tue, 19 Jan 2038 03:14:08 GMT");
  EXPECT_EQ(FormatHttpDate(Utc(2000, 2, 29)), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(Utc(9999, 12, 31)), "Fri, 31 Dec 9999 00:00:00 GMT");
}

TEST(HttpDateTest, FormatsEveryMonthAndDay) {
  // 2023 began with a Sunday.
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const absl::Time begin = Utc(2023, 1, 1);
  for (int day = 0; day < 365; ++day) {
    const absl::Time time = begin + day * absl::Hours(24);
    const absl::CivilDay civil = absl::ToCivilDay(time, absl::UTCTimeZone());
    const std::string text = FormatHttpDate(time);
    ASSERT_EQ(text.size(), 29u);
    EXPECT_EQ(text.substr(0, 3), kDays.substr(day % 7 * 3, 3));
    EXPECT_EQ(text.substr(8, 3), kMonths.substr((civil.month() - 1) * 3, 3));
    EXPECT_EQ(std::stoi(text.substr(5, 2)), civil.day());
  }
}

TEST(HttpDateTest, FormatsWholeSeconds) {
  EXPECT_EQ(FormatHttpDate(kExample + absl::Milliseconds(999)),
            "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDateTest, Rfc9110_5_6_7_ReadsTheThreeForms) {
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(Parse("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(Parse("Sun Nov  6 08:49:37 1994"), kExample);
  EXPECT_EQ(Parse("Wed Nov 16 08:49:37 1994"), kExample + 10 * absl::Hours(24));
}

TEST(HttpDateTest, ReadsWhatItFormats) {
  for (int i = 0; i < 1'000; ++i) {
    const absl::Time time = Utc(1960, 1, 1) + i * absl::Seconds(4'567'891);
    EXPECT_EQ(Parse(FormatHttpDate(time)), time) << time;
  }
}

TEST(HttpDateTest, Rfc9110_5_6_7_ReadsALeapSecond) {
  EXPECT_NE(Parse("Tue, 30 Jun 2015 23:59:60 GMT"), std::nullopt);
}

TEST(HttpDateTest, Rfc9110_5_6_7_YearsOfTwoDigitsAreWithin50Years) {
  const absl::Time now = Utc(2026, 11, 22);
  EXPECT_EQ(YearOf("Sunday, 22-Nov-26 00:00:00 GMT", now), 2026);
  EXPECT_EQ(YearOf("Wednesday, 22-Nov-00 00:00:00 GMT", now), 2000);
  EXPECT_EQ(YearOf("Friday, 22-Nov-75 00:00:00 GMT", now), 2075);
  EXPECT_EQ(YearOf("Sunday, 01-Nov-76 00:00:00 GMT", now), 2076);
  EXPECT_EQ(YearOf("Tuesday, 22-Nov-77 00:00:00 GMT", now), 1977);
  EXPECT_EQ(YearOf("Monday, 22-Nov-99 00:00:00 GMT", now), 1999);
}

TEST(HttpDateTest, Rfc9110_5_6_7_50YearsAndADayAheadAreOfTheLastCentury) {
  EXPECT_EQ(YearOf("Tuesday, 23-Nov-76 00:00:00 GMT", Utc(2026, 11, 22)), 1976);
}

TEST(HttpDateTest, YearsOfTwoDigitsCrossACentury) {
  EXPECT_EQ(YearOf("Monday, 01-Jan-01 00:00:00 GMT", Utc(1999, 12, 31)), 2001);
}

TEST(HttpDateTest, Rfc9110_5_6_7_ReadsA29thOfFebruaryOfTwoDigits) {
  EXPECT_EQ(ParseHttpDate("Tuesday, 29-Feb-00 00:00:00 GMT", Utc(2026, 1, 1)),
            Utc(2000, 2, 29));
  EXPECT_EQ(ParseHttpDate("Monday, 29-Feb-72 00:00:00 GMT", Utc(2026, 1, 1)),
            Utc(2072, 2, 29));
}

TEST(HttpDateTest, Rfc9110_5_6_7_RefusesOtherTexts) {
  for (const std::string_view text : {"",
                                      " ",
                                      "0",
                                      "784111777",
                                      "now",
                                      "GMT",
                                      "infinite-future",
                                      "infinite-past",
                                      "1994-11-06T08:49:37Z",
                                      "1994-11-06 08:49:37",
                                      "06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994",
                                      "Sun, 06 Nov 1994 08:49 GMT",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 06 Nov 1994 08:49:37 UTC",
                                      "Sun, 06 Nov 1994 08:49:37 PST",
                                      "Sun, 06 Nov 1994 08:49:37 +0000",
                                      "Sun, 06 Nov 1994 08:49:37 +0100",
                                      "Sun, 06 Nov 1994 08:49:37 GMT+1",
                                      "Sun, 06 Nov 1994 08:49:37 GMT x",
                                      "Sun, 06 Nov 1994 08:49:37.5 GMT",
                                      "Sun, 06 Abc 1994 08:49:37 GMT",
                                      "Abc, 06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 11 1994 08:49:37 GMT",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "Sun, 31 Nov 1994 08:49:37 GMT",
                                      "Sun, 32 Nov 1994 08:49:37 GMT",
                                      "Tue, 29 Feb 1994 08:49:37 GMT",
                                      "Wed, 30 Feb 2000 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 25:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:60:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:61 GMT",
                                      "Sun, 06 Nov 1994 -8:49:37 GMT",
                                      "Sun Nov  6 08:49:37 1994 GMT",
                                      "Sun, 06 Nov 94 08:49:37 GMT",
                                      "Sun, 06 Nov 19940 08:49:37 GMT",
                                      "Sun, 06 Nov -994 08:49:37 GMT",
                                      "Sun Nov  6 08:49:37",
                                      "Sunday, 06-Nov-94 08:49:37",
                                      "Sunday, 06-Nov-94",
                                      "Sunday, 06/Nov/94 08:49:37 GMT"}) {
    EXPECT_EQ(Parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rondo
