#include "tests/testing/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace rondo {
namespace {

UniqueFd TcpSocket() {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  PCHECK(fd.valid());
  return fd;
}

// Binds to a free loopback port and returns the address.
sockaddr_in BindLoopback(const UniqueFd& fd) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // port 0
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  PCHECK(bind(fd.get(), raw, size) == 0);
  PCHECK(getsockname(fd.get(), raw, &size) == 0);
  return address;
}

int Connect(const UniqueFd& fd, const sockaddr_in& address) {
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address));
}

void MakeNonBlocking(const UniqueFd& fd) {
  PCHECK(fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0);
}

}  // namespace

FdPair UnixPair() {
  int fds[2];
  PCHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                    fds) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

FdPair TcpPair() {
  const UniqueFd listener = TcpSocket();
  const sockaddr_in address = BindLoopback(listener);
  PCHECK(listen(listener.get(), 1) == 0);
  FdPair pair{.a = TcpSocket(), .b = {}};
  PCHECK(Connect(pair.a, address) == 0);
  pair.b.Reset(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  PCHECK(pair.b.valid());
  MakeNonBlocking(pair.a);
  MakeNonBlocking(pair.b);
  return pair;
}

FdPair Pipe() {
  int fds[2];
  PCHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

UniqueFd EventFd() {
  UniqueFd fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  PCHECK(fd.valid());
  return fd;
}

void Write(const UniqueFd& fd, std::string_view bytes) {
  PCHECK(write(fd.get(), bytes.data(), bytes.size()) ==
         static_cast<ssize_t>(bytes.size()));
}

std::string Read(const UniqueFd& fd) {
  char bytes[4096];
  const ssize_t n = read(fd.get(), bytes, sizeof(bytes));
  return n > 0 ? std::string(bytes, n) : "";
}

int ReadErrno(const UniqueFd& fd) {
  char bytes[4096];
  return read(fd.get(), bytes, sizeof(bytes)) < 0 ? errno : 0;
}

size_t FillOutput(const UniqueFd& fd) {
  const std::string bytes(4096, 'x');
  size_t total = 0;
  ssize_t n;
  while ((n = write(fd.get(), bytes.data(), bytes.size())) > 0) total += n;
  PCHECK(errno == EAGAIN);
  return total;
}

bool AwaitEvents(int fd, short events) {
  constexpr int kPatienceMs = 30'000;
  pollfd watched = {.fd = fd, .events = events, .revents = 0};
  const bool came = poll(&watched, 1, kPatienceMs) == 1;
  EXPECT_TRUE(came) << "nothing happens to descriptor " << fd;
  return came;
}

void Drain(const UniqueFd& fd) {
  while (!Read(fd).empty()) {
  }
}

void CloseWithReset(UniqueFd fd) {
  const linger discard = {.l_onoff = 1, .l_linger = 0};
  PCHECK(setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &discard,
                    sizeof(discard)) == 0);
}

UniqueFd RefusedConnection() {
  const UniqueFd deaf = TcpSocket();
  const sockaddr_in address = BindLoopback(deaf);
  UniqueFd fd = TcpSocket();
  MakeNonBlocking(fd);
  PCHECK(Connect(fd, address) != 0);
  PCHECK(errno == EINPROGRESS);
  return fd;
}

UniqueFd DuplicateAtOrAbove(const UniqueFd& fd, int lowest) {
  AllowDescriptors(lowest + 1);
  UniqueFd duplicate(fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest));
  PCHECK(duplicate.valid());
  return duplicate;
}

DescriptorFamine::DescriptorFamine() {
  PCHECK(getrlimit(RLIMIT_NOFILE, &before_) == 0);
  const rlimit none = {.rlim_cur = 0, .rlim_max = before_.rlim_max};
  PCHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
}

DescriptorFamine::~DescriptorFamine() {
  PCHECK(setrlimit(RLIMIT_NOFILE, &before_) == 0);
}

void AllowDescriptors(int count) {
  rlimit limit;
  PCHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur >= static_cast<rlim_t>(count)) return;
  limit.rlim_cur = count;
  PCHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0)
      << "this test opens " << count << " descriptors: raise ulimit -Hn";
}

}  // namespace rondo
