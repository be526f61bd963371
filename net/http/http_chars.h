#ifndef RONDO_NET_HTTP_HTTP_CHARS_H_
#define RONDO_NET_HTTP_HTTP_CHARS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rondo {

// Which bytes may stand where in a message.
//
// Threading: constants.
// Reference: RFC 9110 §5.6.2 (token) and §5.5 (field values); RFC 3986 §2.2,
// §2.3 and §3.3.
enum class HttpChars : uint8_t {
  kToken = 1,       // of methods and field names
  kFieldValue = 2,  // visible, space, tab, and above 0x7f
  kPath = 4,        // pchar and '/'; escapes beside it
  kQuery = 8,       // what kPath has, and '?'
  kHost = 16,       // of a registered name; escapes beside it
  kHex = 32,
  kDigit = 64,
  kUnreserved = 128,  // of a URL: means nothing but itself
};

namespace http_chars_internal {

constexpr bool IsAlnum(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

constexpr bool IsOneOf(int c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr uint8_t ClassesOf(int c) {
  const bool alnum = IsAlnum(c);
  const bool hex = IsOneOf(c, "0123456789abcdefABCDEF");
  const bool unreserved = alnum || IsOneOf(c, "-._~");
  const bool host = unreserved || IsOneOf(c, "!$&'()*+,;=");
  const bool path = host || IsOneOf(c, ":@/");
  uint8_t classes = 0;
  const auto add = [&classes](HttpChars which, bool is) {
    if (is) classes |= static_cast<uint8_t>(which);
  };
  add(HttpChars::kToken, alnum || IsOneOf(c, "!#$%&'*+-.^_`|~"));
  add(HttpChars::kFieldValue, c == '\t' || (c >= ' ' && c != 0x7f));
  add(HttpChars::kPath, path);
  add(HttpChars::kQuery, path || c == '?');
  add(HttpChars::kHost, host);
  add(HttpChars::kHex, hex);
  add(HttpChars::kDigit, c >= '0' && c <= '9');
  add(HttpChars::kUnreserved, unreserved);
  return classes;
}

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes = {};
  for (int c = 0; c < 256; ++c) classes[c] = ClassesOf(c);
  return classes;
}

inline constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

}  // namespace http_chars_internal

constexpr bool Is(HttpChars which, char c) {
  return (http_chars_internal::kClasses[static_cast<uint8_t>(c)] &
          static_cast<uint8_t>(which)) != 0;
}

// How many of the first bytes are `which`.
constexpr size_t CountFirst(HttpChars which, std::string_view text) {
  size_t count = 0;
  while (count < text.size() && Is(which, text[count])) ++count;
  return count;
}

constexpr bool AreAll(HttpChars which, std::string_view text) {
  return CountFirst(which, text) == text.size();
}

// The same where %HH may stand, too: of a URL.
constexpr size_t CountFirstOfUrl(HttpChars which, std::string_view text) {
  size_t count = 0;
  while (true) {
    while (count < text.size() && Is(which, text[count])) ++count;
    if (text.size() - count < 3 || text[count] != '%' ||
        !Is(HttpChars::kHex, text[count + 1]) ||
        !Is(HttpChars::kHex, text[count + 2])) {
      return count;
    }
    count += 3;
  }
}

// How many of the first bytes are of a field's value and no tab: eight at a
// time are looked at for one below ' ' or for DEL.
inline size_t CountFirstOfValue(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x80 * kOnes;
  size_t count = 0;
  for (; text.size() - count >= sizeof(uint64_t); count += sizeof(uint64_t)) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + count, sizeof(bytes));
    const uint64_t without_del = bytes ^ (0x7f * kOnes);
    const uint64_t found = ((bytes - 0x20 * kOnes) & ~bytes) |
                           ((without_del - kOnes) & ~without_del);
    if ((found & kHighs) != 0) break;  // one by one, to see which
  }
  while (count < text.size() && text[count] != '\t' &&
         Is(HttpChars::kFieldValue, text[count])) {
    ++count;
  }
  return count;
}

// Whether two texts differ only in the case of ASCII letters.
constexpr bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Whether a token is a name, of which `lower` has letters, digits and hyphens,
// the letters in lower case. Other bytes than those would be taken for them,
// but no token has such.
template <size_t N>
constexpr bool IsName(std::string_view token, const char (&lower)[N]) {
  if (token.size() != N - 1) return false;
  int difference = 0;
  for (size_t i = 0; i < N - 1; ++i) {
    difference |= (token[i] | 0x20) ^ lower[i];
  }
  return difference == 0;
}

// Without the optional whitespace at both ends (RFC 9110 §5.6.3).
constexpr std::string_view TrimOws(std::string_view text) {
  const auto is_ows = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_CHARS_H_
