#include "base/utf8.h"

#include <cstdint>

namespace rondo {
namespace {

// What follows a first byte: how many bytes, and where the second must be. The
// others are 0x80 to 0xbf.
struct Form {
  int following = 0;  // 0: no character begins so
  uint8_t second_from = 0x80;
  uint8_t second_to = 0xbf;
};

constexpr Form FormOf(uint8_t first) {
  if (first >= 0xc2 && first <= 0xdf) return {1};
  if (first == 0xe0) return {2, 0xa0, 0xbf};  // less would be overlong
  if (first == 0xed) return {2, 0x80, 0x9f};  // more would be a surrogate
  if (first >= 0xe1 && first <= 0xef) return {2};
  if (first == 0xf0) return {3, 0x90, 0xbf};  // less would be overlong
  if (first == 0xf4) return {3, 0x80, 0x8f};  // more would be above U+10FFFF
  if (first >= 0xf1 && first <= 0xf3) return {3};
  return {};
}

}  // namespace

Utf8Char FirstUtf8Char(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = at(0);
  if (first < 0x80) return {first, 1, true};
  const Form form = FormOf(first);
  if (form.following == 0) return {};
  char32_t code_point = first & (0x3f >> form.following);
  for (int i = 1; i <= form.following; ++i) {
    const uint8_t from = i == 1 ? form.second_from : 0x80;
    const uint8_t to = i == 1 ? form.second_to : 0xbf;
    const size_t bytes = static_cast<size_t>(i);
    if (bytes == text.size() || at(bytes) < from || at(bytes) > to) {
      return {.bytes = bytes};
    }
    code_point = code_point << 6 | (at(bytes) & 0x3f);
  }
  return {code_point, static_cast<size_t>(form.following) + 1, true};
}

}  // namespace rondo
