#ifndef RONDO_NET_CLIENT_ENDPOINT_H_
#define RONDO_NET_CLIENT_ENDPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// Where a client connects to: an address, or a name that is looked up first.
//
//   text                                is
//   example.com:80                      a name and a port
//   127.0.0.1:80, [::1]:80, unix:/p     an address, see InetAddress
//
// Threading: a value. Errors: bad text gives InvalidArgument with that text.
// Reference: RFC 1123 section 2.1 for names.
class Endpoint {
 public:
  Endpoint() = default;  // the unnamed unix address, to which nobody connects
  Endpoint(InetAddress address) : address_(std::move(address)) {}  // NOLINT

  // Reads what ToString() writes.
  static absl::StatusOr<Endpoint> Parse(std::string_view text);
  // From two flags: `host` a name, an address without brackets, or "unix:…",
  // when `port` is ignored.
  static absl::StatusOr<Endpoint> FromHostAndPort(std::string_view host,
                                                  int port);

  bool is_name() const { return !name_.empty(); }
  const std::string& name() const { return name_; }  // empty if an address
  uint16_t port() const { return is_name() ? port_ : address_.port(); }
  // Requires: !is_name().
  const InetAddress& address() const { return address_; }

  std::string ToString() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;

 private:
  std::string name_;  // in lower case, without the dot at the end
  uint16_t port_ = 0;
  InetAddress address_;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_ENDPOINT_H_
