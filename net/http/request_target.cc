#include "net/http/request_target.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>

#include "net/http/digits.h"
#include "net/http/http_chars.h"

namespace rondo {
namespace {

using Form = RequestTarget::Form;

// It may be left out behind its colon.
bool IsPort(std::string_view text) {
  return text.empty() || ParseDigits<uint16_t>(text).has_value();
}

bool IsIpv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy = {};
  if (text.size() >= copy.size()) return false;
  // It would stop there and be content.
  if (text.find('\0') != std::string_view::npos) return false;
  text.copy(copy.data(), text.size());
  in6_addr address;
  return inet_pton(AF_INET6, copy.data(), &address) == 1;
}

// The rest after the host, or empty if that is malformed.
std::optional<std::string_view> AfterHost(std::string_view text) {
  if (!text.starts_with('[')) {
    return text.substr(CountFirstOfUrl(HttpChars::kHost, text));
  }
  const size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  if (!IsIpv6(text.substr(1, end - 1))) return std::nullopt;
  return text.substr(end + 1);
}

// Splits off what follows the path, and checks both.
bool SetPathAndQuery(std::string_view text, RequestTarget& target) {
  const size_t path_bytes = CountFirstOfUrl(HttpChars::kPath, text);
  target.path = text.substr(0, path_bytes);
  if (path_bytes == text.size()) return true;
  if (text[path_bytes] != '?') return false;
  target.query = text.substr(path_bytes + 1);
  return CountFirstOfUrl(HttpChars::kQuery, target.query) ==
         target.query.size();
}

std::optional<RequestTarget> ParseAuthority(std::string_view text) {
  const auto rest = AfterHost(text);
  if (!rest.has_value() || rest->size() < 2 || rest->size() == text.size()) {
    return std::nullopt;  // a port is not optional here, nor is a host
  }
  if (rest->front() != ':' || !IsPort(rest->substr(1))) return std::nullopt;
  return RequestTarget{.form = Form::kAuthority, .authority = text};
}

std::optional<RequestTarget> ParseAbsolute(std::string_view method,
                                           std::string_view text) {
  const size_t scheme_bytes = text.find("://");
  if (scheme_bytes == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, scheme_bytes);
  if (!EqualsIgnoringCase(scheme, "http") &&
      !EqualsIgnoringCase(scheme, "https")) {
    return std::nullopt;
  }
  text.remove_prefix(scheme_bytes + 3);
  const size_t authority_bytes = text.find_first_of("/?");
  RequestTarget target = {.form = Form::kAbsolute,
                          .authority = text.substr(0, authority_bytes)};
  text.remove_prefix(target.authority.size());
  // A user's name would be an '@', which no host has.
  if (target.authority.empty() || !IsHostAndPort(target.authority) ||
      target.authority.front() == ':' || !SetPathAndQuery(text, target)) {
    return std::nullopt;
  }
  // A URI without a path: RFC 9112 §3.2.4 for OPTIONS, RFC 9110 §4.2.3 for
  // others.
  if (target.path.empty()) {
    target.path = method == "OPTIONS" && target.query.empty() ? "*" : "/";
  }
  return target;
}

std::optional<RequestTarget> ParseForm(std::string_view method,
                                       std::string_view text) {
  if (method == "CONNECT") return ParseAuthority(text);
  if (text.starts_with('/')) {
    RequestTarget target;
    if (!SetPathAndQuery(text, target)) return std::nullopt;
    return target;
  }
  if (text == "*") {
    if (method != "OPTIONS") return std::nullopt;
    return RequestTarget{.form = Form::kAsterisk, .path = text};
  }
  return ParseAbsolute(method, text);
}

}  // namespace

std::optional<RequestTarget> RequestTarget::Parse(std::string_view method,
                                                  std::string_view text) {
  auto target = ParseForm(method, text);
  if (target.has_value()) target->text = text;
  return target;
}

bool IsHostAndPort(std::string_view text) {
  const auto rest = AfterHost(text);
  if (!rest.has_value()) return false;
  return rest->empty() || (rest->front() == ':' && IsPort(rest->substr(1)));
}

}  // namespace rondo
