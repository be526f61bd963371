#include "net/http/percent_decoding.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace rondo {
namespace {

TEST(PercentDecodingTest, LeavesOtherBytesAlone) {
  EXPECT_EQ(PercentDecode(""), "");
  EXPECT_EQ(PercentDecode("/a b?c#d"), "/a b?c#d");
  for (int c = 0; c < 256; ++c) {
    if (c == '%') continue;
    const std::string byte(1, static_cast<char>(c));
    EXPECT_EQ(PercentDecode(byte), byte) << c;
  }
}

TEST(PercentDecodingTest, Rfc3986_2_1_DecodesEveryByteInEitherCase) {
  constexpr std::string_view kLower = "0123456789abcdef";
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  for (int c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    const std::string lower = {'%', kLower[c / 16], kLower[c % 16]};
    const std::string upper = {'%', kUpper[c / 16], kUpper[c % 16]};
    const std::string mixed = {'%', kUpper[c / 16], kLower[c % 16]};
    EXPECT_EQ(PercentDecode(lower), byte) << c;
    EXPECT_EQ(PercentDecode(upper), byte) << c;
    EXPECT_EQ(PercentDecode("x" + mixed + "y"), "x" + byte + "y") << c;
    EXPECT_EQ(PercentDecode(lower, PlusSign::kSpace), byte) << c;
  }
}

TEST(PercentDecodingTest, Rfc3986_2_1_RefusesEveryOtherDigit) {
  for (int c = 0; c < 256; ++c) {
    const char digit = static_cast<char>(c);
    const bool hex = std::string_view("0123456789abcdefABCDEF").find(digit) !=
                     std::string_view::npos;
    const std::string first = {'%', digit, '0'};
    const std::string second = {'%', '0', digit};
    EXPECT_EQ(PercentDecode(first).has_value(), hex) << c;
    EXPECT_EQ(PercentDecode(second).has_value(), hex) << c;
  }
}

TEST(PercentDecodingTest, Rfc3986_2_1_RefusesHalves) {
  for (const std::string_view text :
       {"%", "%4", "a%", "a%4", "%41%", "%41%4", "%%41", "%4%41"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
  // Not even if the digits lie behind the end.
  EXPECT_EQ(PercentDecode(std::string_view("%41", 2)), std::nullopt);
  EXPECT_EQ(PercentDecode(std::string_view("%41", 1)), std::nullopt);
}

TEST(PercentDecodingTest, Rfc3986_2_4_DecodesOnce) {
  EXPECT_EQ(PercentDecode("%2541"), "%41");
  EXPECT_EQ(PercentDecode("%25%34%31"), "%41");
  EXPECT_EQ(PercentDecode("%25"), "%");
}

TEST(PercentDecodingTest, APlusSignIsASpaceInFormsOnly) {
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("a+b", PlusSign::kItself), "a+b");
  EXPECT_EQ(PercentDecode("a+b++", PlusSign::kSpace), "a b  ");
  EXPECT_EQ(PercentDecode("a%2Bb+", PlusSign::kSpace), "a+b ");
  EXPECT_EQ(PercentDecode("%2b"), "+");
}

TEST(PercentDecodingTest, AppendsToTheString) {
  std::string to = "x";
  EXPECT_TRUE(PercentDecode("%41+", PlusSign::kSpace, to));
  EXPECT_TRUE(PercentDecode("", PlusSign::kItself, to));
  EXPECT_TRUE(PercentDecode("%00+", PlusSign::kItself, to));
  EXPECT_EQ(to, std::string("xA \0+", 5));
  EXPECT_FALSE(PercentDecode("b%", PlusSign::kItself, to));
}

}  // namespace
}  // namespace rondo
