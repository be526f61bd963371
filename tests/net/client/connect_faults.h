#ifndef RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_
#define RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_

#include <cerrno>

#include "net/tcp/socket_calls.h"

namespace rondo {

// Fails with an errno what connect(2) and socket(2) are asked for; 0: does not.
// EINTR interrupts a connect() that goes on, as the system does.
class ConnectFaults final : public SocketCalls {
 public:
  int connect_errno = 0;
  int socket_errno = 0;
  int connects = 0;

  int NewSocket(int family, int type, int protocol) override {
    if (socket_errno == 0)
      return SocketCalls::NewSocket(family, type, protocol);
    errno = socket_errno;
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
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_CONNECT_FAULTS_H_
