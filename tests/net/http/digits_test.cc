#include "net/http/digits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo {
namespace {

TEST(DigitsTest, AreANumber) {
  struct {
    std::string_view text;
    uint64_t number;
  } const cases[] = {
      {"0", 0},
      {"7", 7},
      {"007", 7},
      {"1234567890", 1'234'567'890},
      {"18446744073709551615", UINT64_MAX},
      {"000000000000000000000000000000000000001", 1},
  };
  for (const auto& [text, number] : cases) {
    EXPECT_EQ(ParseDigits<uint64_t>(text), number) << text;
  }
}

TEST(DigitsTest, AndNothingElse) {
  for (const std::string_view text :
       {"", " ", "+1", "-1", "-0", " 1", "1 ", "1\n", "0x1", "1.0", "1e3",
        "1'000", "1,0", "a", "1a", "\xb2", "\xd9\xa3"}) {
    EXPECT_EQ(ParseDigits<uint64_t>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDigits<uint64_t>(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(ParseDigits<uint64_t>(std::string_view()), std::nullopt);
  // Not even if a digit lies behind the end.
  EXPECT_EQ(ParseDigits<uint64_t>(std::string_view("12", 1)), 1u);
}

TEST(DigitsTest, FitTheirType) {
  EXPECT_EQ(ParseDigits<uint8_t>("255"), 255);
  EXPECT_EQ(ParseDigits<uint8_t>("256"), std::nullopt);
  EXPECT_EQ(ParseDigits<uint16_t>("65535"), 65'535);
  EXPECT_EQ(ParseDigits<uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(ParseDigits<uint64_t>("18446744073709551616"), std::nullopt);
  EXPECT_EQ(ParseDigits<uint64_t>(std::string(100, '9')), std::nullopt);
}

TEST(DigitsTest, HaveABase) {
  EXPECT_EQ(ParseDigits<uint64_t>("ff", 16), 255u);
  EXPECT_EQ(ParseDigits<uint64_t>("FF", 16), 255u);
  EXPECT_EQ(ParseDigits<uint64_t>("0aF", 16), 175u);
  EXPECT_EQ(ParseDigits<uint8_t>("100", 16), std::nullopt);
  for (const std::string_view text : {"", "g", "0xf", "-f", "+f", "f "}) {
    EXPECT_EQ(ParseDigits<uint64_t>(text, 16), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rondo
