#include "tests/net/client/listening_socket.h"

#include <glog/logging.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "tests/net/tcp/event_count.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

InetAddress Loopback() { return *InetAddress::Parse("127.0.0.1:0"); }

UniqueFd NewSocket(int family) {
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  PCHECK(fd.valid());
  return fd;
}

// How many connections wait at a TCP listener, and one less than the backlog
// holds: net/ipv4/tcp.c, tcp_get_info(), which is what ss(8) shows.
struct Backlog {
  size_t waiting;
  size_t limit;
};
Backlog BacklogOf(int fd) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  PCHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
  return {.waiting = info.tcpi_unacked, .limit = info.tcpi_sacked};
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
  AwaitInput(socket_.fd());
  auto accepted = socket_.Accept();
  CHECK_EQ(accepted.error, 0);
  return std::move(accepted.socket);
}

void ListeningSocket::FillBacklog() {
  if (!address_.is_unix()) {
    const size_t room = BacklogOf(socket_.fd()).limit + 1;
    while (fillers_.size() < room) {
      PCHECK(ConnectFiller() == 0 || errno == EINPROGRESS);
    }
    AwaitTrue([&] { return BacklogOf(socket_.fd()).waiting == room; });
    return;
  }
  while (ConnectFiller() == 0) {
  }
  PCHECK(errno == EAGAIN);
}

int ListeningSocket::ConnectFiller() {
  fillers_.push_back(NewSocket(address_.family()));
  sockaddr_storage storage;
  const socklen_t length = address_.ToSockaddr(&storage);
  return connect(fillers_.back().get(),
                 reinterpret_cast<const sockaddr*>(&storage), length);
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
