#include "net/http/response_fields.h"

#include <algorithm>
#include <array>

#include "net/http/http_chars.h"

namespace rondo {
namespace {

// What ResponseHead says.
constexpr std::array<std::string_view, 5> kOfTheHead = {
    "Connection", "Content-Length", "Content-Type", "Date",
    "Transfer-Encoding"};

bool IsOfTheHead(std::string_view name) {
  return std::ranges::any_of(kOfTheHead, [name](std::string_view its) {
    return EqualsIgnoringCase(name, its);
  });
}

}  // namespace

bool ResponseFields::Add(std::string_view name, std::string_view value) {
  if (name.empty() || !AreAll(HttpChars::kToken, name) ||
      !AreAll(HttpChars::kFieldValue, value) || IsOfTheHead(name)) {
    return false;
  }
  lines_.append(name).append(": ").append(TrimOws(value)).append("\r\n");
  return true;
}

}  // namespace rondo
