#include "net/http/log_escaping.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace rondo {
namespace {

std::string Combined(std::string_view text) {
  std::string out = ">";
  AppendCombinedEscaped(text, out);
  return out.substr(1);
}

std::string Json(std::string_view text) {
  std::string out = ">";
  AppendJsonEscaped(text, out);
  return out.substr(1);
}

struct Case {
  std::string_view text;
  std::string_view combined;
  std::string_view json;
};

constexpr char kReplaced[] = "\xef\xbf\xbd";

const Case kCases[] = {
    {"", "", ""},
    {"plain text, 100% ~!/?", "plain text, 100% ~!/?", "plain text, 100% ~!/?"},
    {"\"", "\\\"", "\\\""},
    {"\\", "\\\\", "\\\\"},
    {"\\\"", "\\\\\\\"", "\\\\\\\""},
    {"a\"b\\c", "a\\\"b\\\\c", "a\\\"b\\\\c"},
    {"/", "/", "/"},
    // Control bytes.
    {{"\0", 1}, "\\x00", "\\u0000"},
    {"\x01", "\\x01", "\\u0001"},
    {"\a", "\\x07", "\\u0007"},
    {"\b", "\\b", "\\b"},
    {"\t", "\\t", "\\t"},
    {"\n", "\\n", "\\n"},
    {"\v", "\\v", "\\u000b"},
    {"\f", "\\x0c", "\\f"},
    {"\r", "\\r", "\\r"},
    {"\x1b[31m", "\\x1b[31m", "\\u001b[31m"},
    {"\x1f", "\\x1f", "\\u001f"},
    {"\x7f", "\\x7f", "\\u007f"},
    {"a\r\nb", "a\\r\\nb", "a\\r\\nb"},
    // Characters above ASCII.
    {"\xc3\xa9", "\\xc3\\xa9", "\xc3\xa9"},
    {"\xe2\x82\xac", "\\xe2\\x82\\xac", "\xe2\x82\xac"},
    {"\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80"},
    {"\xc2\x80", "\\xc2\\x80", "\\u0080"},
    {"\xc2\x85", "\\xc2\\x85", "\\u0085"},  // ends a line for some
    {"\xc2\x9f", "\\xc2\\x9f", "\\u009f"},
    {"\xc2\xa0", "\\xc2\\xa0", "\xc2\xa0"},
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8", "\\u2028"},
    {"\xe2\x80\xa9", "\\xe2\\x80\\xa9", "\\u2029"},
    {"\xef\xbf\xbd", "\\xef\\xbf\\xbd", kReplaced},
    // Bytes that are no UTF-8.
    {"\x80", "\\x80", kReplaced},
    {"\xff", "\\xff", kReplaced},
    {"\xc0\xa2", "\\xc0\\xa2", "\xef\xbf\xbd\xef\xbf\xbd"},  // overlong quote
    {"\xc3", "\\xc3", kReplaced},
    {"\xc3\"", "\\xc3\\\"", "\xef\xbf\xbd\\\""},
    {"\xe2\x82", "\\xe2\\x82", kReplaced},
    {"\xe2\x82\n", "\\xe2\\x82\\n", "\xef\xbf\xbd\\n"},
    {"\xf0\x9f\x98z", "\\xf0\\x9f\\x98z", "\xef\xbf\xbdz"},
};

TEST(LogEscapingTest, EscapesAsApacheDoes) {
  for (const Case& c : kCases) EXPECT_EQ(Combined(c.text), c.combined);
}

TEST(LogEscapingTest, Rfc8259_7_EscapesForJson) {
  for (const Case& c : kCases) EXPECT_EQ(Json(c.text), c.json);
}

TEST(LogEscapingTest, TheSameBetweenOtherText) {
  for (const Case& c : kCases) {
    const std::string text = "a" + std::string(c.text) + "b";
    EXPECT_EQ(Combined(text + text), "a" + std::string(c.combined) + "ba" +
                                         std::string(c.combined) + "b");
    EXPECT_EQ(Json(text + text),
              "a" + std::string(c.json) + "ba" + std::string(c.json) + "b");
  }
}

// The text is looked at eight bytes at a time.
TEST(LogEscapingTest, TheSameAtEachPlaceOfALongText) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (size_t before = 0; before <= 17; ++before) {
      for (size_t after = 0; after <= 9; ++after) {
        const std::string head(before, '~');
        const std::string tail(after, '!');
        const std::string text = head + c + tail;
        ASSERT_EQ(Combined(text), head + Combined({&c, 1}) + tail);
        ASSERT_EQ(Json(text), head + Json({&c, 1}) + tail);
      }
    }
  }
}

// Whether no quote in `text` is without a backslash of its own before it.
bool HasNoBareQuote(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return false;
    if (text[i] == '\\') ++i;
  }
  return true;
}

// Of each two bytes: nothing ends the text or the line.
TEST(LogEscapingTest, WhatIsEscapedStaysBetweenItsQuotes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first),
                            static_cast<char>(second)};
      const std::string combined = Combined({bytes, 2});
      for (const char c : combined) ASSERT_TRUE(c >= ' ' && c <= '~');
      ASSERT_TRUE(HasNoBareQuote(combined)) << combined;
      const std::string json = Json({bytes, 2});
      for (const char c : json) ASSERT_GE(static_cast<uint8_t>(c), ' ');
      ASSERT_TRUE(HasNoBareQuote(json)) << json;
    }
  }
}

// Of many three bytes.
TEST(LogEscapingTest, Rfc8259_8_1_JsonIsUtf8) {
  for (uint32_t n = 0; n < 1 << 24; n += 251) {
    const char bytes[] = {static_cast<char>(n), static_cast<char>(n >> 8),
                          static_cast<char>(n >> 16)};
    const std::string json = Json({bytes, 3});
    for (std::string_view rest = json; !rest.empty();) {
      const Utf8Char c = FirstUtf8Char(rest);
      ASSERT_TRUE(c.valid) << n;
      rest.remove_prefix(c.bytes);
    }
  }
}

}  // namespace
}  // namespace rondo
