#ifndef RONDO_NET_HTTP_DIGITS_H_
#define RONDO_NET_HTTP_DIGITS_H_

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace rondo {

// The number that `text` is, which has digits and nothing else: no sign, no
// space, no prefix. Empty if it is none, or if it does not fit.
template <std::unsigned_integral T>
std::optional<T> ParseDigits(std::string_view text, int base = 10) {
  const char* const end = text.data() + text.size();
  T value = 0;
  const auto [at, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || at != end) return std::nullopt;
  return value;
}

}  // namespace rondo

#endif  // RONDO_NET_HTTP_DIGITS_H_
