#include "tests/soak/connect_from.h"

#include <arpa/inet.h>
#include <glog/logging.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/time/time.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

sockaddr_in Loopback(uint8_t host, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
  return address;
}

template <typename T>
void SetOption(const UniqueFd& fd, int level, int name, const T& value) {
  PCHECK(setsockopt(fd.get(), level, name, &value, sizeof(value)) == 0);
}

template <typename Call>  // bind() or connect()
int WithAddress(Call call, const UniqueFd& fd, const sockaddr_in& address) {
  return call(fd.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address));
}

}  // namespace

UniqueFd ConnectFrom(uint8_t host, uint16_t port, ConnectFromOptions options) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fd;
  const timeval bound = absl::ToTimeval(Process::kBound);
  SetOption(fd, SOL_SOCKET, SO_RCVTIMEO, bound);
  SetOption(fd, SOL_SOCKET, SO_SNDTIMEO, bound);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.max_segment_bytes > 0) {
    SetOption(fd, IPPROTO_TCP, TCP_MAXSEG, options.max_segment_bytes);
  }
  if (options.receive_buffer_bytes > 0) {
    SetOption(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer_bytes);
  }
  // Else bind() would want a port that is free towards everybody; see ip(7).
  SetOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  PCHECK(WithAddress(bind, fd, Loopback(host, 0)) == 0);
  if (WithAddress(connect, fd, Loopback(1, port)) == 0) return fd;
  const int error = errno;
  fd.Reset();
  errno = error;
  return fd;
}

bool HasEnded(const UniqueFd& fd) {
  char byte;
  const ssize_t n = recv(fd.get(), &byte, sizeof(byte), 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

}  // namespace rondo
