#include "tests/examples/designs/stream_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "absl/time/time.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

// So many round trips of another client in which nothing moves.
constexpr int kQuietRoundTrips = 20;

// Small: what is not read is soon the server's problem.
constexpr int kReceiveBufferBytes = 64 * 1'024;

}  // namespace

std::string Lines(size_t bytes) {
  std::string lines;
  for (int i = 0; lines.size() < bytes; ++i) {
    lines += "line " + std::to_string(i) + "\n";
  }
  return lines;
}

const std::string& MuchMoreLines() {
  static const std::string lines = Lines(24 << 20);
  return lines;
}

StreamClient::StreamClient(uint16_t port, std::string bytes)
    : port_(port),
      bytes_(std::move(bytes)),
      fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  PCHECK(fd_.valid());
  PCHECK(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes,
                    sizeof(kReceiveBufferBytes)) == 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PCHECK(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) == 0);
  PCHECK(fcntl(fd_.get(), F_SETFL, O_NONBLOCK) == 0);
}

bool StreamClient::SendUntilStuck() {
  ClientSocket other(port_);
  for (int quiet = 0; quiet < kQuietRoundTrips; ++quiet) {
    const size_t before = sent_bytes_;
    SendSome();
    if (sent_bytes_ == bytes_.size()) return false;
    if (sent_bytes_ > before) quiet = 0;
    if (!other.Send("a") || other.Read(1) != "A") return false;
  }
  return true;
}

void StreamClient::SendSome() {
  while (sent_bytes_ < bytes_.size()) {
    const ssize_t n = send(fd_.get(), bytes_.data() + sent_bytes_,
                           bytes_.size() - sent_bytes_, MSG_NOSIGNAL);
    if (n < 0) return;  // a reset shows in what comes back
    sent_bytes_ += static_cast<size_t>(n);
  }
}

std::string StreamClient::Finish() {
  std::string received;
  char block[65'536];
  bool ended = false;
  while (true) {
    SendSome();
    if (sent_bytes_ == bytes_.size() && !std::exchange(ended, true)) {
      shutdown(fd_.get(), SHUT_WR);
    }
    const ssize_t n = recv(fd_.get(), block, sizeof(block), 0);
    if (n > 0) received.append(block, static_cast<size_t>(n));
    if (n == 0 || (n < 0 && errno != EAGAIN)) return received;
    if (n > 0) continue;
    pollfd waiting = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (!ended) waiting.events |= POLLOUT;
    const int bound =
        static_cast<int>(absl::ToInt64Milliseconds(Process::kBound));
    if (poll(&waiting, 1, bound) != 1) {
      ADD_FAILURE() << "nothing for " << Process::kBound;
      return received;
    }
  }
}

}  // namespace rondo
