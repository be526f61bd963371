#include "tests/examples/client_socket.h"

#include <arpa/inet.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "tests/examples/process.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

// For blocking calls.
void ExpectNoTimeout(ssize_t n) {
  EXPECT_FALSE(n < 0 && errno == EAGAIN) << "nothing for " << Process::kBound;
}

}  // namespace

ClientSocket::ClientSocket(uint16_t port, int receive_buffer_bytes)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  PCHECK(fd_.valid());
  const timeval bound = absl::ToTimeval(Process::kBound);
  const int on = 1;
  const int fd = fd_.get();
  PCHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)) == 0);
  PCHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound)) == 0);
  PCHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
  if (receive_buffer_bytes > 0) {  // before the window is offered
    PCHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                      sizeof(receive_buffer_bytes)) == 0);
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PCHECK(connect(fd, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) == 0)
      << "port " << port;
}

bool ClientSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ExpectNoTimeout(n);
    if (n <= 0) return false;
    bytes.remove_prefix(n);
  }
  return true;
}

std::string ClientSocket::Read(size_t bytes) {
  while (kept_.size() < bytes && Receive(0)) {
  }
  return Take(bytes);
}

std::string ClientSocket::ReadLine() {
  size_t end;
  while ((end = kept_.find('\n')) == std::string::npos && Receive(0)) {
  }
  std::string line = Take(end == std::string::npos ? end : end + 1);
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string ClientSocket::ReadToEnd() {
  while (Receive(0)) {
  }
  return Take(kept_.size());
}

std::string ClientSocket::ReadAvailable() {
  while (Receive(MSG_DONTWAIT)) {
  }
  return Take(kept_.size());
}

bool ClientSocket::AtEnd() {
  char byte;
  const ssize_t n = recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return kept_.empty() && (n == 0 || (n < 0 && errno != EAGAIN));
}

void ClientSocket::ShutdownWrite() {
  PCHECK(shutdown(fd_.get(), SHUT_WR) == 0);
}

void ClientSocket::Reset() { CloseWithReset(std::move(fd_)); }

bool ClientSocket::Receive(int flags) {
  char bytes[65536];
  const ssize_t n = recv(fd_.get(), bytes, sizeof(bytes), flags);
  if (flags == 0) ExpectNoTimeout(n);
  if (n <= 0) return false;
  kept_.append(bytes, n);
  return true;
}

std::string ClientSocket::Take(size_t bytes) {
  std::string taken = kept_.substr(0, bytes);
  kept_.erase(0, taken.size());
  return taken;
}

}  // namespace rondo
