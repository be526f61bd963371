#include "tests/testing/ipv6.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"

namespace rondo {

bool HasIpv6() {
  const UniqueFd probe(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address = {};  // port 0
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return bind(probe.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0;
}

}  // namespace rondo
