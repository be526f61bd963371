#include "tests/soak/echo_crowd.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <random>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "tests/examples/process.h"
#include "tests/soak/connect_from.h"

namespace rondo {
namespace {

constexpr size_t kMinMessageBytes = 64;
constexpr size_t kMaxMessageBytes = 1'024;

// Made anew to compare, so that 18,000 of them need not be kept.
std::string Message(size_t client, uint32_t round) {
  std::minstd_rand random(static_cast<uint32_t>(client * 4 + round + 1));
  std::string result(
      kMinMessageBytes + random() % (kMaxMessageBytes - kMinMessageBytes + 1),
      '\0');
  for (char& byte : result) byte = static_cast<char>(random() >> 8);
  return result;
}

}  // namespace

EchoCrowd::EchoCrowd(uint16_t port, size_t clients)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  PCHECK(epoll_.valid());
  for (size_t i = 0; i < clients; ++i) {
    UniqueFd fd = ConnectFrom(static_cast<uint8_t>(2 + i % kAddresses), port);
    if (!fd.valid()) {
      PLOG(ERROR) << "client " << i << " does not connect";
      return;
    }
    PCHECK(fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0);
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.u64 = i;
    PCHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0);
    clients_.push_back({.fd = std::move(fd)});
  }
}

CrowdEcho EchoCrowd::EchoAll(uint32_t round) {
  CrowdEcho result;
  waiting_ = clients_.size();
  SendAll(round, result);
  const int bound =
      static_cast<int>(absl::ToInt64Milliseconds(Process::kBound));
  epoll_event events[256];
  while (waiting_ > 0) {
    const int n = epoll_wait(epoll_.get(), events, std::size(events), bound);
    if (n == 0) break;
    PCHECK(n > 0 || errno == EINTR);
    for (int i = 0; i < n; ++i) Receive(events[i].data.u64, round, result);
  }
  result.silent = waiting_;
  return result;
}

void EchoCrowd::SendAll(uint32_t round, CrowdEcho& result) {
  for (size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    client.received = 0;
    client.done = false;
    const std::string message = Message(i, round);
    // The kernel takes so little at once.
    const ssize_t n =
        send(client.fd.get(), message.data(), message.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(message.size())) {
      Finish(client, result.ended);
    }
  }
}

void EchoCrowd::Receive(size_t index, uint32_t round, CrowdEcho& result) {
  Client& client = clients_[index];
  // One more byte than is due, to notice what nobody sent.
  char block[kMaxMessageBytes + 1];
  const ssize_t n = recv(client.fd.get(), block, sizeof(block), 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, client.fd.get(), nullptr);
    return Finish(client, result.ended);
  }
  const std::string message = Message(index, round);
  const std::string_view rest =
      std::string_view(message).substr(client.received);
  if (!rest.starts_with(std::string_view(block, n))) {
    return Finish(client, result.wrong);
  }
  client.received += n;
  result.bytes += n;
  if (client.received == message.size()) Finish(client, result.right);
}

void EchoCrowd::Finish(Client& client, size_t& counter) {
  if (std::exchange(client.done, true)) return;
  --waiting_;
  ++counter;
}

}  // namespace rondo
