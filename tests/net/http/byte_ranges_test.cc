#include "net/http/byte_ranges.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {
namespace {

using Kind = RangeRequest::Kind;

// What is asked for, as text: "first-last" for each range, "ignored" or "none
// is there".
std::string Ask(std::string_view value, uint64_t size) {
  const RangeRequest request = RangeRequest::Parse(value, size);
  EXPECT_EQ(request.ranges.empty(), request.kind != Kind::kRanges) << value;
  if (request.kind == Kind::kIgnored) return "ignored";
  if (request.kind == Kind::kNotSatisfiable) return "none is there";
  std::string text;
  for (const ByteRange& range : request.ranges) {
    if (!text.empty()) text += " ";
    text += std::to_string(range.first) + "-" + std::to_string(range.last);
  }
  return text;
}

struct Case {
  std::string_view value;
  std::string_view expected;
  uint64_t size = 100;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const auto& [value, expected, size] : cases) {
    EXPECT_EQ(Ask(value, size), expected) << value << " of " << size;
  }
}

// `count` ranges of one byte with gaps between them.
std::string Apart(size_t count) {
  std::string value = "bytes=";
  for (size_t i = 0; i < count; ++i) {
    const std::string at = std::to_string(10 * i);
    value += (i > 0 ? "," : "") + at + "-" + at;
  }
  return value;
}

TEST(ByteRangesTest, Rfc9110_14_1_2_Examples) {
  ExpectAll({
      {"bytes=0-499", "0-499", 10'000},
      {"bytes=500-999", "500-999", 10'000},
      {"bytes=-500", "9500-9999", 10'000},
      {"bytes=9500-", "9500-9999", 10'000},
      {"bytes=0-0,-1", "0-0 9999-9999", 10'000},
      {"bytes= 0-999, 4500-5499, -1000", "0-999 4500-5499 9000-9999", 10'000},
      {"bytes=500-600,601-999", "500-600 601-999", 10'000},
      {"bytes=500-700,601-999", "500-700 601-999", 10'000},
  });
}

TEST(ByteRangesTest, Rfc9110_14_1_2_EndsWithTheRepresentation) {
  ExpectAll({
      {"bytes=0-", "0-0", 1},
      {"bytes=0-99", "0-99"},
      {"bytes=0-100", "0-99"},
      {"bytes=99-99", "99-99"},
      {"bytes=99-", "99-99"},
      {"bytes=-100", "0-99"},
      {"bytes=-101", "0-99"},
      {"bytes=007-0010", "7-10"},
  });
}

TEST(ByteRangesTest, Rfc9110_14_1_1_IsNotSatisfiableBehindTheEnd) {
  ExpectAll({
      {"bytes=100-", "none is there"},
      {"bytes=100-100", "none is there"},
      {"bytes=100-200,300-", "none is there"},
      {"bytes=-0", "none is there"},
      {"bytes=0-", "none is there", 0},
      {"bytes=0-0", "none is there", 0},
  });
}

TEST(ByteRangesTest, Rfc9110_14_1_1_OneThatIsThereIsEnough) {
  ExpectAll({
      {"bytes=100-,5-6,-0", "5-6"},
      {"bytes=100-200,-1", "99-99"},
  });
}

TEST(ByteRangesTest, Rfc9110_14_1_2_ASuffixOfNothingIsSatisfiable) {
  // There is nothing to send a part of, but nothing to complain of either.
  EXPECT_NE(RangeRequest::Parse("bytes=-5", 0).kind, Kind::kNotSatisfiable);
}

TEST(ByteRangesTest, Rfc9110_14_1_2_TakesLargeNumbers) {
  ExpectAll({
      {"bytes=1-18446744073709551615", "1-99"},
      {"bytes=1-18446744073709551616", "1-99"},
      {"bytes=1-99999999999999999999999999", "1-99"},
      {"bytes=-99999999999999999999999999", "0-99"},
      {"bytes=99999999999999999999999999-", "none is there"},
      {"bytes=18446744073709551616-", "none is there"},
      {"bytes=18446744073709551614-",
       "18446744073709551614-18446744073709551614", UINT64_MAX},
      {"bytes=18446744073709551616-1", "ignored"},
  });
}

TEST(ByteRangesTest, Rfc9110_14_1_2_IgnoresALastBeforeItsFirst) {
  ExpectAll({
      {"bytes=2-1", "ignored"},
      {"bytes=200-100", "ignored"},
      {"bytes=0-1,3-2", "ignored"},
  });
}

TEST(ByteRangesTest, Rfc9110_14_2_IgnoresWhatIsMalformed) {
  for (const std::string_view value : {"",
                                       "bytes",
                                       "bytes=",
                                       "bytes=-",
                                       "bytes=,",
                                       "bytes= ",
                                       "bytes=1",
                                       "bytes=a-b",
                                       "bytes=1-b",
                                       "bytes=a-",
                                       "bytes=-a",
                                       "bytes=--1",
                                       "bytes=1--2",
                                       "bytes=1-2-3",
                                       "bytes=+1-2",
                                       "bytes=1-+2",
                                       "bytes=0x1-2",
                                       "bytes=1.0-2",
                                       "bytes=1 -2",
                                       "bytes=1- 2",
                                       "bytes=1-2 3-4",
                                       "bytes=1-2;3-4",
                                       "bytes 1-2",
                                       "bytes:1-2",
                                       "bytes =1-2",
                                       "=1-2",
                                       "1-2",
                                       "bytes==1-2",
                                       "bytes=1-2,x",
                                       "bytes=1-2/100",
                                       "bytes=*",
                                       "\"bytes=1-2\""}) {
    EXPECT_EQ(Ask(value, 100), "ignored") << value;
  }
  EXPECT_EQ(Ask(std::string_view("bytes=1-2\0", 10), 100), "ignored");
}

TEST(ByteRangesTest, Rfc9110_14_1_KnowsOneUnitInAnyCase) {
  ExpectAll({
      {"BYTES=1-2", "1-2"},
      {"Bytes=-2", "98-99"},
      {"lines=1-2", "ignored"},
      {"none", "ignored"},
      {"bytesx=1-2", "ignored"},
      {"byte=1-2", "ignored"},
  });
}

TEST(ByteRangesTest, Rfc9110_5_6_1_2_SkipsEmptyMembers) {
  EXPECT_EQ(Ask("bytes=,1-2, ,\t3-4 ,", 100), "1-2 3-4");
}

TEST(ByteRangesTest, KeepsTheOrderOfTheRequest) {
  EXPECT_EQ(Ask("bytes=50-60,1-2,30-30", 100), "50-60 1-2 30-30");
}

TEST(ByteRangesTest, Rfc9110_17_15_IgnoresTooMany) {
  constexpr size_t kMax = RangeRequest::kMaxRanges;
  EXPECT_EQ(RangeRequest::Parse(Apart(kMax), 10'000).ranges.size(), kMax);
  EXPECT_EQ(Ask(Apart(kMax + 1), 10'000), "ignored");
  EXPECT_EQ(Ask(Apart(10'000), 1), "ignored");
}

TEST(ByteRangesTest, Rfc9110_17_15_IgnoresMoreThanTwoThatOverlap) {
  ExpectAll({
      {"bytes=0-,0-", "0-99 0-99"},
      {"bytes=5-9,0-5", "5-9 0-5"},
      {"bytes=0-,0-,0-", "ignored"},
      {"bytes=0-50,20-70,40-90", "ignored"},
      {"bytes=40-90,0-50,20-70", "ignored"},
      {"bytes=-90,-80,-70", "ignored"},
      // One byte is enough.
      {"bytes=0-5,5-9,9-12", "ignored"},
      // Neighbours share nothing.
      {"bytes=0-1,2-3,4-5,6-7", "0-1 2-3 4-5 6-7"},
  });
}

TEST(ByteRangesTest, CountsBothEnds) {
  EXPECT_EQ((ByteRange{0, 0}.bytes()), 1u);
  EXPECT_EQ((ByteRange{5, 14}.bytes()), 10u);
  EXPECT_EQ((ByteRange{1, 2}), (ByteRange{1, 2}));
  EXPECT_FALSE((ByteRange{1, 2} == ByteRange{1, 3}));
}

}  // namespace
}  // namespace rondo
