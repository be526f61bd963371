#include "tests/net/tcp/echo_swarm.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr int kPatienceMs = 60'000;
constexpr size_t kNever = SIZE_MAX;

// One client: a connection at a time.
class Client {
 public:
  Client(const EchoSwarmOptions& options, EchoSwarmResult& result, int epoll_fd,
         uint32_t id)
      : options_(options),
        result_(result),
        epoll_fd_(epoll_fd),
        random_(options.seed * 7'919 + id),
        connections_left_(options.connections_each) {}

  bool done() const { return !fd_.valid(); }

  // Begins the next connection, if there is to be one.
  void Connect() {
    fd_.Reset();
    if (connections_left_-- <= 0) return;
    fd_.Reset(socket(options_.server.family(),
                     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    PCHECK(fd_.valid());
    Plan();
    sockaddr_storage storage;
    const socklen_t length = options_.server.ToSockaddr(&storage);
    const auto* native = reinterpret_cast<const sockaddr*>(&storage);
    if (connect(fd_.get(), native, length) != 0 && errno != EINPROGRESS) {
      return ServerEnded(errno);
    }
    Watch(EPOLL_CTL_ADD);
  }

  void HandleEvents(uint32_t events) {
    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) WriteSome();
    if (!done() && (events & (EPOLLIN | EPOLLERR | EPOLLHUP))) ReadSome();
  }

 private:
  size_t Random(size_t from, size_t to) {
    return std::uniform_int_distribution<size_t>(from, to)(random_);
  }

  void Plan() {
    salt_ = static_cast<uint32_t>(random_());
    total_ = Random(1, options_.max_bytes);
    sent_ = received_ = 0;
    const bool leaves =
        Random(1, 100) <= static_cast<size_t>(options_.percent_leaving_early);
    leave_at_ = leaves ? Random(0, total_ - 1) : kNever;
  }

  char ByteAt(size_t i) const {
    return static_cast<char>((i * 2'654'435'761u + salt_) >> 16);
  }

  void Watch(int operation) {
    epoll_event event = {};
    event.events = EPOLLIN;
    if (sent_ < total_) event.events |= EPOLLOUT;
    event.data.ptr = this;
    PCHECK(epoll_ctl(epoll_fd_, operation, fd_.get(), &event) == 0);
  }

  void WriteSome() {
    if (sent_ >= leave_at_) return LeaveEarly();
    char block[4'096];
    const size_t most = std::min(options_.max_write_bytes, sizeof(block));
    const size_t size = std::min(Random(1, most), total_ - sent_);
    for (size_t i = 0; i < size; ++i) block[i] = ByteAt(sent_ + i);
    const ssize_t n = send(fd_.get(), block, size, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return ServerEnded(errno);
    sent_ += n;
    if (sent_ == total_) Watch(EPOLL_CTL_MOD);
  }

  void ReadSome() {
    char block[16 * 1'024];
    const ssize_t n = recv(fd_.get(), block, sizeof(block), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return ServerEnded(n == 0 ? 0 : errno);
    for (ssize_t i = 0; i < n; ++i) {
      if (block[i] == ByteAt(received_ + i)) continue;
      ADD_FAILURE() << "byte " << received_ + i << " of " << total_ << " is "
                    << int{block[i]} << ", not " << int{ByteAt(received_ + i)};
      return Connect();
    }
    received_ += n;
    result_.bytes_compared += n;
    if (received_ < total_) return;
    EXPECT_EQ(received_, total_);
    ++result_.completed;
    Connect();
  }

  void LeaveEarly() {
    ++result_.left_early;
    if (Random(0, 1) == 0) CloseWithReset(std::move(fd_));
    Connect();
  }

  void ServerEnded(int error) {
    EXPECT_TRUE(options_.server_may_end) << strerror(error);
    const bool refused = error == ECONNREFUSED || error == ENOENT;
    ++(refused ? result_.refused : result_.ended_by_server);
    if (refused || !options_.server_may_end) connections_left_ = 0;
    Connect();
  }

  const EchoSwarmOptions& options_;
  EchoSwarmResult& result_;
  const int epoll_fd_;
  std::mt19937 random_;
  int connections_left_;
  UniqueFd fd_;
  uint32_t salt_ = 0;
  size_t total_ = 0;
  size_t sent_ = 0;
  size_t received_ = 0;
  size_t leave_at_ = kNever;
};

}  // namespace

EchoSwarmResult RunEchoSwarm(const EchoSwarmOptions& options) {
  EchoSwarmResult result;
  const UniqueFd epoll_fd(epoll_create1(EPOLL_CLOEXEC));
  PCHECK(epoll_fd.valid());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < options.clients; ++i) {
    clients.push_back(
        std::make_unique<Client>(options, result, epoll_fd.get(), i));
    clients.back()->Connect();
  }
  const auto done = [&clients] {
    return std::ranges::all_of(clients, &Client::done);
  };
  while (!done()) {
    epoll_event events[256];
    const int n = epoll_wait(epoll_fd.get(), events, 256, kPatienceMs);
    if (n == 0) {
      ADD_FAILURE() << "nothing came from the server in " << kPatienceMs
                    << " ms";
      return result;
    }
    for (int i = 0; i < n; ++i) {
      static_cast<Client*>(events[i].data.ptr)->HandleEvents(events[i].events);
    }
  }
  return result;
}

}  // namespace rondo
