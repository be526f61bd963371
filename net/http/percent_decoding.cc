#include "net/http/percent_decoding.h"

#include "net/http/http_chars.h"

namespace rondo {
namespace {

int HexValue(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace

bool PercentDecode(std::string_view text, PlusSign plus, std::string& to) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == PlusSign::kSpace) {
      to += ' ';
    } else if (text[i] != '%') {
      to += text[i];
    } else if (text.size() - i < 3 || !Is(HttpChars::kHex, text[i + 1]) ||
               !Is(HttpChars::kHex, text[i + 2])) {
      return false;
    } else {
      to +=
          static_cast<char>(16 * HexValue(text[i + 1]) + HexValue(text[i + 2]));
      i += 2;
    }
  }
  return true;
}

std::optional<std::string> PercentDecode(std::string_view text, PlusSign plus) {
  std::string decoded;
  if (!PercentDecode(text, plus, decoded)) return std::nullopt;
  return decoded;
}

}  // namespace rondo
