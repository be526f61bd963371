#include "net/client/endpoint.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "net/client/host_name.h"

namespace rondo {
namespace {

constexpr int kMaxPort = 65'535;

absl::Status BadEndpoint(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "cannot connect to \"", absl::CEscape(std::string(text)),
      "\": write name:port, 127.0.0.1:port, [::1]:port or unix:/path"));
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Parse(std::string_view text) {
  if (auto address = InetAddress::Parse(text); address.ok()) {
    return Endpoint(*std::move(address));
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return BadEndpoint(text);
  const std::string_view digits = text.substr(colon + 1);
  int port;
  if (digits.empty() || !std::ranges::all_of(digits, absl::ascii_isdigit) ||
      !absl::SimpleAtoi(std::string(digits), &port)) {
    return BadEndpoint(text);
  }
  return FromHostAndPort(text.substr(0, colon), port);
}

absl::StatusOr<Endpoint> Endpoint::FromHostAndPort(std::string_view host,
                                                   int port) {
  if (auto address = InetAddress::FromHostAndPort(host, port); address.ok()) {
    return Endpoint(*std::move(address));
  }
  auto name = CanonicalHostName(host);
  if (!name.ok() || port < 0 || port > kMaxPort) {
    return BadEndpoint(absl::StrCat(std::string(host), ":", port));
  }
  Endpoint result;
  result.name_ = *std::move(name);
  result.port_ = static_cast<uint16_t>(port);
  return result;
}

std::string Endpoint::ToString() const {
  return is_name() ? absl::StrCat(name_, ":", port_) : address_.ToString();
}

}  // namespace rondo
