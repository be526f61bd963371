#include "examples/hello_protocol.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace rondo::examples {
namespace {

constexpr std::string_view kBody = "hello world\n";

// The whole of it; a HEAD's answer is the same without the body.
constexpr std::string_view kKept =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello world\n";
constexpr std::string_view kKeptOnRequest =
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
    "Content-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello world\n";
constexpr std::string_view kClosed =
    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
    "Content-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello world\n";

}  // namespace

bool HelloHead::AddLine(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return begun_;  // else a stray blank line
  if (!begun_) {
    begun_ = true;
    is_head_ = line.starts_with("HEAD ");
    old_version_ = line.ends_with("HTTP/1.0");
    keep_ = !old_version_;
    return false;
  }
  const absl::string_view field(line.data(), line.size());
  if (!absl::StartsWithIgnoreCase(field, "connection:")) return false;
  const std::string value = absl::AsciiStrToLower(field);
  if (absl::StrContains(value, "close")) keep_ = false;
  if (absl::StrContains(value, "keep-alive")) keep_ = true;
  return false;
}

std::string_view HelloHead::Answer(bool keep) const {
  std::string_view answer = kClosed;
  if (keep) answer = old_version_ ? kKeptOnRequest : kKept;
  if (is_head_) answer.remove_suffix(kBody.size());
  return answer;
}

}  // namespace rondo::examples
