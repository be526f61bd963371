#ifndef RONDO_TESTS_NET_TCP_SOCKET_OPTION_H_
#define RONDO_TESTS_NET_TCP_SOCKET_OPTION_H_

#include <sys/socket.h>

#include "net/tcp/socket.h"

namespace rondo {

// What the kernel has for an option that is an int.
inline int SocketOption(const Socket& socket, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  getsockopt(socket.fd(), level, name, &value, &length);
  return value;
}

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_SOCKET_OPTION_H_
