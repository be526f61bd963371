#ifndef RONDO_NET_TCP_INET_ADDRESS_H_
#define RONDO_NET_TCP_INET_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"

namespace rondo {

// Where a socket listens or connects: IPv4, IPv6 or a unix path.
//
//   text                    is
//   127.0.0.1:80            IPv4 and port
//   [::1]:80                IPv6 and port; [fe80::1%eth0]:80 with its zone
//   unix:/run/app.sock      a socket file
//   unix:@name              an abstract socket, which has no file
//   unix:                   an unnamed one, such as most clients' of these
//
// Threading: a value. Errors: bad text gives InvalidArgument with that text.
// Reference: ip(7), ipv6(7), unix(7), RFC 4291 section 2.2.
class InetAddress {
 public:
  // The unnamed unix address.
  InetAddress() : address_(UnixPath{}) {}

  // Reads what ToString() writes. Numbers only: names are not looked up.
  static absl::StatusOr<InetAddress> Parse(std::string_view text);

  // From two flags: `host` without brackets, or "unix:…", when `port` is
  // ignored. Port 0 lets the system choose when listening.
  static absl::StatusOr<InetAddress> FromHostAndPort(std::string_view host,
                                                     int port);

  // From the kernel's form. A family other than those above gives an error.
  static absl::StatusOr<InetAddress> FromSockaddr(const sockaddr* address,
                                                  socklen_t length);

  // Writes the kernel's form and returns its length.
  socklen_t ToSockaddr(sockaddr_storage* out) const;

  int family() const;  // AF_INET, AF_INET6 or AF_UNIX
  bool is_unix() const { return family() == AF_UNIX; }
  uint16_t port() const;  // 0 for unix
  InetAddress WithPort(uint16_t port) const;

  // For is_unix(): the path, beginning with '@' if abstract.
  const std::string& unix_path() const;

  std::string ToString() const;
  // Without the port, and without an IPv6 address's brackets.
  std::string HostToString() const;

  friend bool operator==(const InetAddress& a, const InetAddress& b);

 private:
  struct UnixPath {
    std::string path;
  };
  using Variant = std::variant<sockaddr_in, sockaddr_in6, UnixPath>;

  explicit InetAddress(Variant address) : address_(std::move(address)) {}

  static absl::StatusOr<InetAddress> FromUnixPath(std::string_view path,
                                                  std::string_view text);

  Variant address_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_INET_ADDRESS_H_
