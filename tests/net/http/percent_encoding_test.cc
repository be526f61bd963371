#include "net/http/percent_encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/http/percent_decoding.h"

namespace rondo {
namespace {

TEST(PercentEncodingTest, Rfc3986_2_3_LeavesUnreservedCharacters) {
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  EXPECT_EQ(PercentEncode(kUnreserved), kUnreserved);
  EXPECT_EQ(PercentEncode(""), "");
}

TEST(PercentEncodingTest, Rfc3986_2_1_EncodesTheRestInUpperCase) {
  EXPECT_EQ(PercentEncode("a b+c%d"), "a%20b%2Bc%25d");
  EXPECT_EQ(PercentEncode("a:b/c\\d?e#f"), "a%3Ab%2Fc%5Cd%3Fe%23f");
  EXPECT_EQ(PercentEncode("\"<'&>"), "%22%3C%27%26%3E");
  EXPECT_EQ(PercentEncode("\xc3\xa4\r\n\x7f\xff"), "%C3%A4%0D%0A%7F%FF");
  EXPECT_EQ(PercentEncode(std::string_view("\0", 1)), "%00");
}

TEST(PercentEncodingTest, Appends) {
  std::string to = "/a/";
  PercentEncode("b c", to);
  EXPECT_EQ(to, "/a/b%20c");
}

TEST(PercentEncodingTest, DecodesToWhatItWas) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
}

}  // namespace
}  // namespace rondo
