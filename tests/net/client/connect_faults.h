#ifndef RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_
#define RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_

#include <sys/socket.h>

#include <cerrno>

#include "net/tcp/socket_calls.h"

namespace rondo {

// What connecting can meet, each an errno; 0: it does not. EINTR interrupts a
// connect() that goes on, as the system does.
class ConnectFaults final : public SocketCalls {
 public:
  int socket_errno = 0;
  int bind_errno = 0;
  int connect_errno = 0;
  int so_error = 0;          // SO_ERROR tells of it
  int getsockopt_errno = 0;  // SO_ERROR cannot be asked for

  int connects = 0;

  int NewSocket(int family, int type, int protocol) override {
    if (socket_errno == 0)
      return SocketCalls::NewSocket(family, type, protocol);
    errno = socket_errno;
    return -1;
  }
  int Bind(int fd, const sockaddr* address, socklen_t length) override {
    if (bind_errno == 0) return SocketCalls::Bind(fd, address, length);
    errno = bind_errno;
    return -1;
  }
  int Connect(int fd, const sockaddr* address, socklen_t length) override {
    ++connects;
    if (connect_errno == 0 || connect_errno == EINTR) {
      const int result = SocketCalls::Connect(fd, address, length);
      if (connect_errno == 0) return result;
    }
    errno = connect_errno;
    return -1;
  }
  int Getsockopt(int fd, int level, int name, void* value,
                 socklen_t* length) override {
    const int result = SocketCalls::Getsockopt(fd, level, name, value, length);
    if (level != SOL_SOCKET || name != SO_ERROR) return result;
    if (so_error != 0) *static_cast<int*>(value) = so_error;
    if (getsockopt_errno == 0) return result;
    errno = getsockopt_errno;
    return -1;
  }
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_
