#include "tests/testing/loopback_client.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr int kPatienceMs = 60'000;

}  // namespace

LoopbackClient::LoopbackClient(const InetAddress& server)
    : fd_(socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  PCHECK(fd_.valid());
  sockaddr_storage storage;
  const socklen_t length = server.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  PCHECK(connect(fd_.get(), native, length) == 0) << server.ToString();
}

bool LoopbackClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(n);
  }
  return true;
}

std::string LoopbackClient::Receive(size_t bytes) {
  std::string result(bytes, '\0');
  size_t received = 0;
  while (received < bytes) {
    const ssize_t n = ReceiveSome(&result[received], bytes - received);
    if (n <= 0) break;
    received += n;
  }
  result.resize(received);
  return result;
}

std::string LoopbackClient::ReceiveAll() {
  std::string result;
  char block[16 * 1'024];
  ssize_t n;
  while ((n = ReceiveSome(block, sizeof(block))) > 0) result.append(block, n);
  return result;
}

LoopbackClient::End LoopbackClient::AwaitEnd() {
  char block[16 * 1'024];
  ssize_t n;
  while ((n = ReceiveSome(block, sizeof(block))) > 0) {
  }
  if (n == 0) return End::kFin;
  return errno == ECONNRESET ? End::kReset : End::kStuck;
}

std::string LoopbackClient::Exchange(std::string_view bytes) {
  Send(bytes);
  return Receive(bytes.size());
}

void LoopbackClient::ShutdownWrite() { shutdown(fd_.get(), SHUT_WR); }

void LoopbackClient::Reset() { CloseWithReset(std::move(fd_)); }

InetAddress LoopbackClient::LocalAddress() const {
  sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  auto* native = reinterpret_cast<sockaddr*>(&storage);
  PCHECK(getsockname(fd_.get(), native, &length) == 0);
  return *InetAddress::FromSockaddr(native, length);
}

bool LoopbackClient::Await(short events) {
  pollfd watched = {.fd = fd_.get(), .events = events, .revents = 0};
  int n;
  do {
    n = poll(&watched, 1, kPatienceMs);
  } while (n < 0 && errno == EINTR);
  EXPECT_EQ(n, 1) << "nothing came from the server in " << kPatienceMs << " ms";
  return n == 1;
}

ssize_t LoopbackClient::ReceiveSome(char* to, size_t bytes) {
  if (!Await(POLLIN)) {
    errno = ETIMEDOUT;
    return -1;
  }
  ssize_t n;
  do {
    n = recv(fd_.get(), to, bytes, 0);
  } while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace rondo
