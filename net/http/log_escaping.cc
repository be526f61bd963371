#include "net/http/log_escaping.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace rondo {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char32_t kLineSeparator = 0x2028;
constexpr char32_t kParagraphSeparator = 0x2029;

// Printable ASCII but for quotes and backslashes: both forms leave it alone.
constexpr bool IsPlain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain = {};
  for (int c = 0; c < 256; ++c) plain[c] = IsPlain(static_cast<char>(c));
  return plain;
}

constexpr std::array<bool, 256> kPlain = MakePlain();

// Whether all of eight bytes are plain. In each byte the highest bit of a
// difference is set if it was below what was taken away, or is above ASCII; a
// borrow from another byte matters only where that one is not plain itself.
// Reference: S. E. Anderson, Bit Twiddling Hacks, "Determine if a word has a
// byte less than n".
bool AreEightPlain(const char* bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  const auto equals = [word](char c) {
    return (word ^ kOnes * static_cast<uint8_t>(c)) - kOnes;
  };
  const uint64_t others =
      word | (word - kOnes * ' ') | equals('"') | equals('\\') | equals('\x7f');
  return (others & kOnes * 0x80) == 0;
}

// Appends the first bytes that need no escape and takes them off `text`.
void MovePlain(std::string_view& text, std::string& to) {
  size_t count = 0;
  while (text.size() - count >= 8 && AreEightPlain(text.data() + count)) {
    count += 8;
  }
  while (count < text.size() && kPlain[static_cast<uint8_t>(text[count])]) {
    ++count;
  }
  to.append(text.data(), count);
  text.remove_prefix(count);
}

// Whether `letters` has one for `c`: "n\n" has n for a line feed.
bool AppendShort(std::string_view letters, char32_t c, std::string& to) {
  for (size_t i = 0; i < letters.size(); i += 2) {
    if (c != static_cast<uint8_t>(letters[i + 1])) continue;
    to += '\\';
    to += letters[i];
    return true;
  }
  return false;
}

void AppendHex(char32_t value, int digits, std::string& to) {
  for (int i = digits - 1; i >= 0; --i) to += kHexDigits[value >> (4 * i) & 15];
}

void AppendJsonChar(const Utf8Char& c, std::string_view bytes,
                    std::string& to) {
  if (!c.valid) {
    to += "\xef\xbf\xbd";  // U+FFFD
    return;
  }
  if (AppendShort("\"\"\\\\b\bf\fn\nr\rt\t", c.code_point, to)) return;
  const bool is_control =
      c.code_point < 0x20 || (c.code_point >= 0x7f && c.code_point <= 0x9f);
  if (is_control || c.code_point == kLineSeparator ||
      c.code_point == kParagraphSeparator) {
    to += "\\u";
    AppendHex(c.code_point, 4, to);
    return;
  }
  to += bytes;
}

}  // namespace

void AppendCombinedEscaped(std::string_view text, std::string& to) {
  for (MovePlain(text, to); !text.empty(); MovePlain(text, to)) {
    const uint8_t c = static_cast<uint8_t>(text.front());
    text.remove_prefix(1);
    if (AppendShort("\"\"\\\\b\bn\nr\rt\tv\v", c, to)) continue;
    to += "\\x";
    AppendHex(c, 2, to);
  }
}

void AppendJsonEscaped(std::string_view text, std::string& to) {
  for (MovePlain(text, to); !text.empty(); MovePlain(text, to)) {
    const Utf8Char c = FirstUtf8Char(text);
    AppendJsonChar(c, text.substr(0, c.bytes), to);
    text.remove_prefix(c.bytes);
  }
}

}  // namespace rondo
