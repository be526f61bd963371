#ifndef RONDO_TESTS_NET_CLIENT_LISTENING_SOCKET_H_
#define RONDO_TESTS_NET_CLIENT_LISTENING_SOCKET_H_

#include <vector>

#include "base/unique_fd.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

// A listener without a loop, for a test that decides itself when it accepts.
// Its functions CHECK that the system does what a test's set-up needs.
class ListeningSocket {
 public:
  explicit ListeningSocket(const InetAddress& address, int backlog = 128);
  // On 127.0.0.1, at a port that the system chooses.
  ListeningSocket();

  const InetAddress& address() const { return address_; }

  bool HasWaiting() const { return socket_.HasWaiting(); }
  // The connection that waits, or is about to.
  Socket Accept();

  // Connects until the backlog is full: who comes now gets no answer (TCP) or
  // EAGAIN (unix). The connections are held until the end.
  void FillBacklog();

  // Nobody listens there any more.
  void Close() { socket_.Close(); }

 private:
  // As connect(2).
  int ConnectFiller();

  Socket socket_;
  InetAddress address_;
  std::vector<UniqueFd> fillers_;
};

// Where nobody listens, and nobody will as long as it lives: the port is bound.
class RefusingAddress {
 public:
  RefusingAddress();
  const InetAddress& address() const { return address_; }

 private:
  UniqueFd fd_;
  InetAddress address_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_LISTENING_SOCKET_H_
