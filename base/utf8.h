#ifndef RONDO_BASE_UTF8_H_
#define RONDO_BASE_UTF8_H_

#include <cstddef>
#include <string_view>

namespace rondo {

// What U+FFFD stands for: bytes that are no character.
inline constexpr char32_t kReplacementCharacter = 0xfffd;

// The first character of a text, or how many bytes begin it that are none.
struct Utf8Char {
  char32_t code_point = kReplacementCharacter;
  size_t bytes = 1;  // of the text, at least 1
  bool valid = false;
};

// Reads one character. Bytes that are none are taken as decoders do that
// replace them: the longest beginning of a character, or else one byte.
// Overlong forms, surrogates and what is above U+10FFFF are none.
// Requires: `text` is not empty.
// Reference: RFC 3629 §4; the Unicode standard, table 3-7 and "U+FFFD
// Substitution of Maximal Subparts" in its section 3.9.
Utf8Char FirstUtf8Char(std::string_view text);

}  // namespace rondo

#endif  // RONDO_BASE_UTF8_H_
