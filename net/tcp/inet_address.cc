#include "net/tcp/inet_address.h"

#include <arpa/inet.h>
#include <glog/logging.h>
#include <net/if.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
// sun_path ends with a NUL for paths.
constexpr size_t kMaxUnixPathBytes = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kMaxPort = 65'535;

absl::Status Malformed(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", std::string(text), "' is not an address: ", std::string(why),
      "; write 127.0.0.1:80, [::1]:80 or unix:/path"));
}

// Digits and nothing else; not even blanks.
template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Splits "fe80::1%eth0" and fills in the zone. False if there is no such one.
bool ParseIpv6(std::string host, sockaddr_in6* out) {
  *out = {};
  out->sin6_family = AF_INET6;
  const size_t percent = host.find('%');
  if (percent != std::string::npos) {
    const std::string zone = host.substr(percent + 1);
    const auto index = ParseNumber<uint32_t>(zone);
    out->sin6_scope_id = index.value_or(if_nametoindex(zone.c_str()));
    if (out->sin6_scope_id == 0) return false;
    host.resize(percent);
  }
  return inet_pton(AF_INET6, host.c_str(), &out->sin6_addr) == 1;
}

std::string HostOf(const sockaddr_in& address) {
  char host[INET_ADDRSTRLEN];
  return inet_ntop(AF_INET, &address.sin_addr, host, sizeof(host));
}

// With the zone, if there is one.
std::string HostOf(const sockaddr_in6& address) {
  char host[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &address.sin6_addr, host, sizeof(host));
  if (address.sin6_scope_id == 0) return host;
  char name[IF_NAMESIZE];
  if (if_indextoname(address.sin6_scope_id, name) != nullptr) {
    return absl::StrCat(host, "%", name);
  }
  return absl::StrCat(host, "%", address.sin6_scope_id);
}

}  // namespace

absl::StatusOr<InetAddress> InetAddress::Parse(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) {
    return FromUnixPath(text.substr(kUnixPrefix.size()), text);
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Malformed(text, "no port");
  std::string_view host = text.substr(0, colon);
  const auto port = ParseNumber<uint16_t>(text.substr(colon + 1));
  if (!port.has_value()) return Malformed(text, "the port is not 0 to 65535");
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) {
    return Malformed(text, "IPv6 needs brackets, IPv4 has none");
  }
  auto address = FromHostAndPort(host, *port);
  return address.ok() ? address : Malformed(text, "the host is not numeric");
}

absl::StatusOr<InetAddress> InetAddress::FromHostAndPort(std::string_view host,
                                                         int port) {
  if (host.starts_with(kUnixPrefix)) {
    return FromUnixPath(host.substr(kUnixPrefix.size()), host);
  }
  if (port < 0 || port > kMaxPort) {
    return absl::InvalidArgumentError(
        absl::StrCat("port ", port, " is not one of 0 to ", kMaxPort));
  }
  if (host.find('\0') != std::string_view::npos) {
    return Malformed(host, "it holds a NUL");
  }
  const uint16_t net_port = htons(static_cast<uint16_t>(port));
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = net_port;
  if (inet_pton(AF_INET, std::string(host).c_str(), &v4.sin_addr) == 1) {
    return InetAddress(v4);
  }
  sockaddr_in6 v6;
  if (ParseIpv6(std::string(host), &v6)) {
    v6.sin6_port = net_port;
    return InetAddress(v6);
  }
  return Malformed(host, "not a numeric host (names are not looked up)");
}

absl::StatusOr<InetAddress> InetAddress::FromUnixPath(std::string_view path,
                                                      std::string_view text) {
  if (path.size() > kMaxUnixPathBytes) {
    return Malformed(text, absl::StrCat("a unix path has at most ",
                                        kMaxUnixPathBytes, " bytes"));
  }
  if (path.find('\0') != std::string_view::npos) {
    return Malformed(text, "it holds a NUL");
  }
  return InetAddress(UnixPath{std::string(path)});
}

absl::StatusOr<InetAddress> InetAddress::FromSockaddr(const sockaddr* address,
                                                      socklen_t length) {
  switch (length < sizeof(sa_family_t) ? AF_UNSPEC : address->sa_family) {
    case AF_INET:
      if (length < sizeof(sockaddr_in)) break;
      return InetAddress(*reinterpret_cast<const sockaddr_in*>(address));
    case AF_INET6:
      if (length < sizeof(sockaddr_in6)) break;
      return InetAddress(*reinterpret_cast<const sockaddr_in6*>(address));
    case AF_UNIX: {
      const auto* un = reinterpret_cast<const sockaddr_un*>(address);
      const size_t header = offsetof(sockaddr_un, sun_path);
      std::string path(un->sun_path, length > header ? length - header : 0);
      if (!path.empty() && path[0] == '\0') {
        path[0] = '@';
      } else {
        path.resize(strnlen(path.data(), path.size()));
      }
      return InetAddress(UnixPath{std::move(path)});
    }
    default:
      break;
  }
  return absl::InvalidArgumentError("not an IPv4, IPv6 or unix address");
}

socklen_t InetAddress::ToSockaddr(sockaddr_storage* out) const {
  if (const auto* v4 = std::get_if<sockaddr_in>(&address_)) {
    std::memcpy(out, v4, sizeof(*v4));
    return sizeof(*v4);
  }
  if (const auto* v6 = std::get_if<sockaddr_in6>(&address_)) {
    std::memcpy(out, v6, sizeof(*v6));
    return sizeof(*v6);
  }
  const std::string& path = unix_path();
  auto* un = reinterpret_cast<sockaddr_un*>(out);
  *un = {};
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, path.data(), path.size());
  const bool abstract = !path.empty() && path[0] == '@';
  if (abstract) un->sun_path[0] = '\0';
  const size_t terminator = path.empty() || abstract ? 0 : 1;
  return offsetof(sockaddr_un, sun_path) + path.size() + terminator;
}

int InetAddress::family() const {
  if (std::holds_alternative<sockaddr_in>(address_)) return AF_INET;
  if (std::holds_alternative<sockaddr_in6>(address_)) return AF_INET6;
  return AF_UNIX;
}

bool operator==(const InetAddress& a, const InetAddress& b) {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.is_unix()) return a.unix_path() == b.unix_path();
  if (const auto* a4 = std::get_if<sockaddr_in>(&a.address_)) {
    const auto& b4 = std::get<sockaddr_in>(b.address_);
    return a4->sin_addr.s_addr == b4.sin_addr.s_addr;
  }
  const auto& a6 = std::get<sockaddr_in6>(a.address_);
  const auto& b6 = std::get<sockaddr_in6>(b.address_);
  return IN6_ARE_ADDR_EQUAL(&a6.sin6_addr, &b6.sin6_addr) &&
         a6.sin6_scope_id == b6.sin6_scope_id;
}

uint16_t InetAddress::port() const {
  if (const auto* v4 = std::get_if<sockaddr_in>(&address_)) {
    return ntohs(v4->sin_port);
  }
  const auto* v6 = std::get_if<sockaddr_in6>(&address_);
  return v6 != nullptr ? ntohs(v6->sin6_port) : 0;
}

InetAddress InetAddress::WithPort(uint16_t port) const {
  InetAddress copy = *this;
  if (auto* v4 = std::get_if<sockaddr_in>(&copy.address_)) {
    v4->sin_port = htons(port);
  } else if (auto* v6 = std::get_if<sockaddr_in6>(&copy.address_)) {
    v6->sin6_port = htons(port);
  }
  return copy;
}

const std::string& InetAddress::unix_path() const {
  CHECK(is_unix());
  return std::get<UnixPath>(address_).path;
}

std::string InetAddress::ToString() const {
  if (is_unix()) return absl::StrCat(std::string(kUnixPrefix), unix_path());
  const std::string host = HostToString();
  return family() == AF_INET6 ? absl::StrCat("[", host, "]:", port())
                              : absl::StrCat(host, ":", port());
}

std::string InetAddress::HostToString() const {
  if (const auto* v4 = std::get_if<sockaddr_in>(&address_)) return HostOf(*v4);
  if (const auto* v6 = std::get_if<sockaddr_in6>(&address_)) return HostOf(*v6);
  return unix_path();
}

}  // namespace rondo
