#include "tests/net/client/listening_socket.h"

#include <glog/logging.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace rondo {
namespace {

InetAddress Loopback() { return *InetAddress::Parse("127.0.0.1:0"); }

UniqueFd NewSocket(int family) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  PCHECK(fd.valid());
  return fd;
}

// Whether a connection that has begun is established at once, as over loopback
// all are that the listener has room for.
bool IsEstablished(int fd) {
  pollfd watched = {.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&watched, 1, /*timeout=*/0) == 1;
}

}  // namespace

ListeningSocket::ListeningSocket() : ListeningSocket(Loopback()) {}

ListeningSocket::ListeningSocket(const InetAddress& address, int backlog) {
  auto socket = Socket::Listen(address, {.backlog = backlog});
  CHECK(socket.ok()) << socket.status();
  socket_ = *std::move(socket);
  address_ = *socket_.LocalAddress();
}

Socket ListeningSocket::Accept() {
  auto accepted = socket_.Accept();
  CHECK_EQ(accepted.error, 0);
  return std::move(accepted.socket);
}

void ListeningSocket::FillBacklog() {
  while (true) {
    fillers_.push_back(NewSocket(address_.family()));
    const int fd = fillers_.back().get();
    sockaddr_storage storage;
    const socklen_t length = address_.ToSockaddr(&storage);
    const auto* native = reinterpret_cast<const sockaddr*>(&storage);
    if (connect(fd, native, length) == 0) continue;
    if (errno == EAGAIN) return;
    PCHECK(errno == EINPROGRESS);
    if (!IsEstablished(fd)) return;
  }
}

RefusingAddress::RefusingAddress() : fd_(NewSocket(AF_INET)) {
  const InetAddress any_port = Loopback();
  sockaddr_storage storage;
  socklen_t length = any_port.ToSockaddr(&storage);
  auto* native = reinterpret_cast<sockaddr*>(&storage);
  PCHECK(bind(fd_.get(), native, length) == 0);
  length = sizeof(storage);
  PCHECK(getsockname(fd_.get(), native, &length) == 0);
  address_ = *InetAddress::FromSockaddr(native, length);
}

}  // namespace rondo
