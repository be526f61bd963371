#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace rondo {
namespace {

struct Case {
  std::string_view name;
  std::string_view text;
  char32_t code_point;  // kReplacementCharacter if it is none
  size_t bytes;
};

constexpr char32_t kNone = kReplacementCharacter;

constexpr Case kCases[] = {
    {"ASCII", "A", 'A', 1},
    {"NUL", {"\0", 1}, 0, 1},
    {"last of one byte", "\x7f", 0x7f, 1},
    {"first of two", "\xc2\x80", 0x80, 2},
    {"last of two", "\xdf\xbf", 0x7ff, 2},
    {"first of three", "\xe0\xa0\x80", 0x800, 3},
    {"before the surrogates", "\xed\x9f\xbf", 0xd7ff, 3},
    {"behind the surrogates", "\xee\x80\x80", 0xe000, 3},
    {"last of three", "\xef\xbf\xbf", 0xffff, 3},
    {"first of four", "\xf0\x90\x80\x80", 0x10000, 4},
    {"last of all", "\xf4\x8f\xbf\xbf", 0x10ffff, 4},
    {"more behind it", "\xc3\xa9t\xc3\xa9", 0xe9, 2},

    {"lone continuation", "\x80", kNone, 1},
    {"last continuation", "\xbf", kNone, 1},
    {"overlong slash of two", "\xc0\xaf", kNone, 1},
    {"overlong of two", "\xc1\xbf", kNone, 1},
    {"overlong of three", "\xe0\x9f\xbf", kNone, 1},
    {"overlong of four", "\xf0\x8f\xbf\xbf", kNone, 1},
    {"first surrogate", "\xed\xa0\x80", kNone, 1},
    {"last surrogate", "\xed\xbf\xbf", kNone, 1},
    {"above U+10FFFF", "\xf4\x90\x80\x80", kNone, 1},
    {"first byte F5", "\xf5\x80\x80\x80", kNone, 1},
    {"first byte FF", "\xff", kNone, 1},

    {"two cut off", "\xc3", kNone, 1},
    {"three cut off after one", "\xe2", kNone, 1},
    {"three cut off after two", "\xe2\x82", kNone, 2},
    {"four cut off after three", "\xf0\x9f\x98", kNone, 3},
    {"two broken off", "\xc3t", kNone, 1},
    {"three broken off", "\xe2\x82t", kNone, 2},
    {"three begun again", "\xe2\x82\xe2\x82\xac", kNone, 2},
    {"four broken off", "\xf0\x9f\x98t", kNone, 3},
    {"third byte too high", "\xe2\x82\xc0", kNone, 2},
    {"fourth byte too low", "\xf0\x9f\x98\x7f", kNone, 3},
};

TEST(Utf8Test, Rfc3629_4_ReadsCharactersAndWhatIsNone) {
  for (const Case& c : kCases) {
    const Utf8Char read = FirstUtf8Char(c.text);
    EXPECT_EQ(read.code_point, c.code_point) << c.name;
    EXPECT_EQ(read.bytes, c.bytes) << c.name;
    EXPECT_EQ(read.valid, c.code_point != kNone) << c.name;
  }
}

TEST(Utf8Test, AReplacementCharacterThatWasSentIsOne) {
  const Utf8Char read = FirstUtf8Char("\xef\xbf\xbd");
  EXPECT_TRUE(read.valid);
  EXPECT_EQ(read.code_point, kReplacementCharacter);
  EXPECT_EQ(read.bytes, 3u);
}

// By its number alone, whatever that is.
std::string Encode(char32_t c) {
  const auto part = [c](int shift, int mark) {
    return static_cast<char>((c >> shift & 0x3f) | mark);
  };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(c >> 6 | 0xc0), part(0, 0x80)};
  if (c < 0x10000) {
    return {static_cast<char>(c >> 12 | 0xe0), part(6, 0x80), part(0, 0x80)};
  }
  return {static_cast<char>(c >> 18 | 0xf0), part(12, 0x80), part(6, 0x80),
          part(0, 0x80)};
}

TEST(Utf8Test, Rfc3629_3_ReadsEveryCharacter) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const std::string text = Encode(c);
    const Utf8Char read = FirstUtf8Char(text);
    const bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
    ASSERT_EQ(read.valid, !is_surrogate) << static_cast<uint32_t>(c);
    if (is_surrogate) continue;
    ASSERT_EQ(read.code_point, c);
    ASSERT_EQ(read.bytes, text.size());
  }
}

}  // namespace
}  // namespace rondo
