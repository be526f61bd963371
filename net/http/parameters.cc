#include "net/http/parameters.h"

#include <algorithm>

#include "net/http/http_chars.h"

namespace rondo {
namespace {

std::string_view SkipOws(std::string_view text) {
  const size_t at = text.find_first_not_of(" \t");
  return at == std::string_view::npos ? "" : text.substr(at);
}

// The bytes of a quoted string at the front, with its quotes; 0 if there is
// none.
size_t QuotedBytes(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' && ++i == text.size()) return 0;
    if (!Is(HttpChars::kFieldValue, text[i])) return 0;
  }
  return 0;
}

}  // namespace

bool AreParameters(std::string_view rest) {
  while (!rest.empty()) {
    rest = SkipOws(rest);
    if (!rest.starts_with(';')) return false;
    rest = SkipOws(rest.substr(1));
    const size_t name_bytes = CountFirst(HttpChars::kToken, rest);
    if (name_bytes == 0) return false;
    rest.remove_prefix(name_bytes);
    const std::string_view after = SkipOws(rest);
    if (!after.starts_with('=')) continue;
    rest = SkipOws(after.substr(1));
    const size_t value_bytes =
        std::max(CountFirst(HttpChars::kToken, rest), QuotedBytes(rest));
    if (value_bytes == 0) return false;
    rest.remove_prefix(value_bytes);
  }
  return true;
}

}  // namespace rondo
