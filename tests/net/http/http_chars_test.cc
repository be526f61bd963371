#include "net/http/http_chars.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace rondo {
namespace {

// Each class as the RFCs' grammar has it, byte by byte, in other words than
// the code's.
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool IsIn(std::string_view set, int c) {
  return set.find(static_cast<char>(c)) != std::string_view::npos;
}

bool IsAlphaOrDigit(int c) { return IsIn(kLetters, c) || IsIn(kDigits, c); }

// Any visible byte but delimiters (RFC 9110 §5.6.2).
bool IsToken(int c) {
  return c > 0x20 && c < 0x7f && !IsIn("\"(),/:;<=>?@[\\]{}", c);
}

// field-vchar, SP and HTAB (RFC 9110 §5.5).
bool IsFieldValue(int c) {
  const bool vchar = c >= 0x21 && c <= 0x7e;
  const bool obs_text = c >= 0x80;
  return vchar || obs_text || c == 0x20 || c == 0x09;
}

bool IsUnreserved(int c) { return IsAlphaOrDigit(c) || IsIn("-._~", c); }

// unreserved and sub-delims (RFC 3986 §3.2.2).
bool IsHost(int c) { return IsUnreserved(c) || IsIn("!$&'()*+,;=", c); }

bool IsPath(int c) { return IsHost(c) || c == ':' || c == '@' || c == '/'; }

void ExpectClass(HttpChars which, bool (*is)(int)) {
  for (int c = 0; c < 256; ++c) {
    EXPECT_EQ(Is(which, static_cast<char>(c)), is(c)) << c;
  }
}

TEST(HttpCharsTest, Rfc9110_5_6_2_Token) {
  ExpectClass(HttpChars::kToken, IsToken);
}

TEST(HttpCharsTest, Rfc9110_5_5_FieldValue) {
  ExpectClass(HttpChars::kFieldValue, IsFieldValue);
}

TEST(HttpCharsTest, Rfc3986_2_3_Unreserved) {
  ExpectClass(HttpChars::kUnreserved, IsUnreserved);
}

TEST(HttpCharsTest, Rfc3986_3_3_Path) { ExpectClass(HttpChars::kPath, IsPath); }

TEST(HttpCharsTest, Rfc3986_3_4_Query) {
  ExpectClass(HttpChars::kQuery, [](int c) { return IsPath(c) || c == '?'; });
}

TEST(HttpCharsTest, Rfc3986_3_2_2_Host) {
  ExpectClass(HttpChars::kHost, IsHost);
}

TEST(HttpCharsTest, Rfc5234_B_1_Hex) {
  ExpectClass(HttpChars::kHex,
              [](int c) { return IsIn("0123456789abcdefABCDEF", c); });
}

TEST(HttpCharsTest, Rfc5234_B_1_Digit) {
  ExpectClass(HttpChars::kDigit, [](int c) { return IsIn(kDigits, c); });
}

TEST(HttpCharsTest, Rfc9110_5_5_CountsOfValuesOfAnyLength) {
  for (size_t size = 0; size < 40; ++size) {
    std::string text(size, 'a');
    EXPECT_EQ(CountFirstOfValue(text), size);
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        text[at] = static_cast<char>(c);
        const bool counts = IsFieldValue(c) && c != '\t';
        ASSERT_EQ(CountFirstOfValue(text), counts ? size : at) << c;
      }
      text[at] = 'a';
    }
  }
}

TEST(HttpCharsTest, Rfc9110_5_1_NamesInAnyCase) {
  EXPECT_TRUE(IsName("Content-Length", "content-length"));
  EXPECT_TRUE(IsName("CONTENT-LENGTH", "content-length"));
  EXPECT_TRUE(IsName("content-length", "content-length"));
  EXPECT_TRUE(IsName("", ""));
  EXPECT_FALSE(IsName("Content-Lengt", "content-length"));
  EXPECT_FALSE(IsName("Content_Length", "content-length"));
  EXPECT_FALSE(IsName("Content-Lengti", "content-length"));
}

TEST(HttpCharsTest, Rfc3986_2_1_CountsEscapesInUrls) {
  const auto count = [](std::string_view text) {
    return CountFirstOfUrl(HttpChars::kPath, text);
  };
  EXPECT_EQ(count(""), 0u);
  EXPECT_EQ(count("/a"), 2u);
  EXPECT_EQ(count("%41"), 3u);
  EXPECT_EQ(count("/%4f%aFb?"), 8u);
  EXPECT_EQ(count("a%"), 1u);
  EXPECT_EQ(count("a%4"), 1u);
  EXPECT_EQ(count("a%4g"), 1u);
  EXPECT_EQ(count("a%g4"), 1u);
  EXPECT_EQ(count("a%%41"), 1u);
  EXPECT_EQ(count("%41%4"), 3u);
}

TEST(HttpCharsTest, CountsTheFirst) {
  EXPECT_EQ(CountFirst(HttpChars::kDigit, ""), 0u);
  EXPECT_EQ(CountFirst(HttpChars::kDigit, "a1"), 0u);
  EXPECT_EQ(CountFirst(HttpChars::kDigit, "12a3"), 2u);
  EXPECT_EQ(CountFirst(HttpChars::kDigit, "123"), 3u);
  EXPECT_TRUE(AreAll(HttpChars::kDigit, ""));
  EXPECT_TRUE(AreAll(HttpChars::kDigit, "123"));
  EXPECT_FALSE(AreAll(HttpChars::kDigit, "12a"));
  EXPECT_FALSE(AreAll(HttpChars::kDigit, std::string_view("1\0", 2)));
}

TEST(HttpCharsTest, IgnoresTheCaseOfAsciiLettersOnly) {
  EXPECT_TRUE(EqualsIgnoringCase("", ""));
  EXPECT_TRUE(EqualsIgnoringCase("azAZ-09", "AZaz-09"));
  EXPECT_FALSE(EqualsIgnoringCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoringCase("ab", "a"));
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const size_t letter_a = kLetters.find(static_cast<char>(a));
      const size_t letter_b = kLetters.find(static_cast<char>(b));
      const bool both_letters = letter_a != std::string_view::npos &&
                                letter_b != std::string_view::npos;
      const bool equal =
          a == b || (both_letters && letter_a % 26 == letter_b % 26);
      const std::string text_a(1, static_cast<char>(a));
      const std::string text_b(1, static_cast<char>(b));
      ASSERT_EQ(EqualsIgnoringCase(text_a, text_b), equal) << a << " " << b;
    }
  }
}

TEST(HttpCharsTest, Rfc9110_5_6_3_TrimsSpacesAndTabs) {
  EXPECT_EQ(TrimOws(""), "");
  EXPECT_EQ(TrimOws(" \t "), "");
  EXPECT_EQ(TrimOws("a"), "a");
  EXPECT_EQ(TrimOws(" \ta \tb\t "), "a \tb");
  for (const std::string_view text : {"\ra\r", "\na\n", "\va\v", "\fa\f"}) {
    EXPECT_EQ(TrimOws(text), text);
  }
  EXPECT_EQ(TrimOws(std::string_view("\0a\0", 3)).size(), 3u);
}

}  // namespace
}  // namespace rondo
