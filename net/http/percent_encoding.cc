#include "net/http/percent_encoding.h"

#include <cstdint>

#include "net/http/http_chars.h"

namespace rondo {

void PercentEncode(std::string_view segment, std::string& to) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  for (const char c : segment) {
    if (Is(HttpChars::kUnreserved, c)) {
      to += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    to += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 0xf]};
  }
}

std::string PercentEncode(std::string_view segment) {
  std::string encoded;
  PercentEncode(segment, encoded);
  return encoded;
}

}  // namespace rondo
