#include "net/http/percent_decoding.h"

#include <cstddef>
#include <cstdint>

#include "net/http/digits.h"

namespace rondo {

bool PercentDecode(std::string_view text, PlusSign plus, std::string& to) {
  constexpr size_t kDigits = 2;
  constexpr int kHexBase = 16;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == PlusSign::kSpace) {
      to += ' ';
    } else if (text[i] != '%') {
      to += text[i];
    } else {
      const std::string_view digits = text.substr(i + 1, kDigits);
      const auto byte = ParseDigits<uint8_t>(digits, kHexBase);
      if (!byte.has_value() || digits.size() < kDigits) return false;
      to += static_cast<char>(*byte);
      i += kDigits;
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
