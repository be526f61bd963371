#include "tests/net/tcp/chaos_clients.h"

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

// A turn that nothing comes in lasts so long, and so many in a row are a hang.
constexpr int kIdleTurnMs = 5;
constexpr int kMaxIdleTurns = 6'000;

// An address that no connection of the last minute has used: its ports are all
// free, even of TIME_WAIT.
InetAddress RandomLoopback() {
  std::random_device random;
  const auto byte = [&] { return "." + std::to_string(1 + random() % 254); };
  return *InetAddress::Parse("127" + byte() + byte() + byte() + ":0");
}

// A socket with an address and a port.
UniqueFd BoundSocket(const InetAddress& address, uint16_t* port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  socklen_t length = address.ToSockaddr(&storage);
  auto* const native = reinterpret_cast<sockaddr*>(&storage);
  PCHECK(bind(fd.get(), native, length) == 0);
  length = sizeof(storage);
  PCHECK(getsockname(fd.get(), native, &length) == 0);
  *port = InetAddress::FromSockaddr(native, length)->port();
  return fd;
}

bool IsRetryable(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

class ChaosClients::Client {
 public:
  Client(const ChaosClientPlan& plan, UniqueFd fd)
      : plan_(plan), fd_(std::move(fd)), random_(plan.salt) {
    const int bytes = plan_.receive_buffer_bytes;
    if (bytes == 0) return;
    PCHECK(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes,
                      sizeof(bytes)) == 0);
  }

  bool done() const { return result_.end != End::kNone; }
  bool rests() const { return read_rest_ > 0 || write_rest_ > 0 || !begun_; }
  const Result& result() const { return result_; }
  const ChaosClientPlan& plan() const { return plan_; }

  // What it waits for in this turn; none while it rests.
  pollfd Watch(int turn, const InetAddress& server) {
    if (!begun_ && turn >= plan_.connect_turn) Connect(server);
    pollfd watched = {.fd = -1, .events = 0, .revents = 0};
    if (done() || !begun_) return watched;
    const bool reads = read_rest_ == 0 || read_rest_-- == 0;
    const bool writes = write_rest_ == 0 || write_rest_-- == 0;
    if (reads) watched.events |= POLLIN;
    if (writes && !fin_sent_ && WantsToWrite()) watched.events |= POLLOUT;
    // poll() would report errors to one that does not look.
    if (watched.events != 0) watched.fd = fd_.get();
    return watched;
  }

  void Handle(const pollfd& watched) {
    // poll() reports these unasked.
    const short any = watched.revents & (POLLERR | POLLHUP);
    if (watched.events & POLLOUT && (watched.revents & POLLOUT || any)) Write();
    if (done()) return;
    if (watched.events & POLLIN && (watched.revents & POLLIN || any)) Read();
  }

 private:
  void Connect(const InetAddress& server) {
    begun_ = true;
    sockaddr_storage storage;
    const socklen_t length = server.ToSockaddr(&storage);
    const auto* native = reinterpret_cast<const sockaddr*>(&storage);
    if (connect(fd_.get(), native, length) != 0 && errno != EINPROGRESS) {
      Finish(End::kReset);
    }
  }

  bool WantsToWrite() const {
    if (plan_.end != ChaosClientPlan::End::kFin) return true;
    return result_.sent < plan_.total || result_.received == plan_.total;
  }

  void Write() {
    const size_t until = plan_.stays() ? plan_.total : plan_.end_at;
    if (result_.sent == until) return EndOutput();
    const size_t most = std::min(plan_.max_write_bytes, until - result_.sent);
    std::string block(random_.From(1, most), '\0');
    for (size_t i = 0; i < block.size(); ++i) {
      block[i] = plan_.ByteAt(result_.sent + i);
    }
    const ssize_t n = send(fd_.get(), block.data(), block.size(), MSG_NOSIGNAL);
    if (n < 0 && IsRetryable(errno)) return;
    if (n < 0) return HandleSendError();
    result_.sent += n;
    write_rest_ = Rest();
  }

  // A reply and FIN may wait to be read all the same.
  void HandleSendError() {
    fin_sent_ = true;
    if (errno != EPIPE) Finish(End::kReset);
  }

  void EndOutput() {
    switch (plan_.end) {
      case ChaosClientPlan::End::kReset:
        CloseWithReset(std::move(fd_));
        return Finish(End::kLeft);
      case ChaosClientPlan::End::kLeave:
        return Finish(End::kLeft);
      case ChaosClientPlan::End::kHalfClose:
      case ChaosClientPlan::End::kFin:
        fin_sent_ = true;
        shutdown(fd_.get(), SHUT_WR);
    }
  }

  void Read() {
    std::string block(random_.From(1, plan_.max_read_bytes), '\0');
    const ssize_t n = recv(fd_.get(), block.data(), block.size(), 0);
    if (n < 0 && IsRetryable(errno)) return;
    if (n <= 0) return Finish(n == 0 ? End::kFin : End::kReset);
    for (ssize_t i = 0; i < n; ++i, ++result_.received) {
      if (result_.received < result_.sent &&
          block[i] == plan_.ByteAt(result_.received)) {
        continue;
      }
      ADD_FAILURE() << "byte " << result_.received << " of " << result_.sent
                    << " that were sent came back as " << int{block[i]};
      return Finish(End::kReset);
    }
    read_rest_ = Rest();
  }

  size_t Rest() {
    return random_.Percent(plan_.percent_pausing)
               ? random_.From(1, plan_.max_pause_turns)
               : 0;
  }

  void Finish(End end) {
    result_.end = end;
    fd_.Reset();
  }

  const ChaosClientPlan& plan_;
  UniqueFd fd_;
  ChaosRandom random_;
  Result result_;
  bool begun_ = false;
  bool fin_sent_ = false;
  size_t read_rest_ = 0;  // turns
  size_t write_rest_ = 0;
};

ChaosClients::ChaosClients(const ChaosPlan& plan) {
  const InetAddress address = RandomLoopback();
  for (const ChaosClientPlan& client : plan.clients) {
    uint16_t port = 0;
    UniqueFd fd = BoundSocket(address, &port);
    ports_.push_back(port);
    clients_.push_back(std::make_unique<Client>(client, std::move(fd)));
  }
}

ChaosClients::~ChaosClients() = default;

bool ChaosClients::Turn(const InetAddress& server) {
  std::vector<pollfd> watched;
  for (const auto& client : clients_) {
    watched.push_back(client->Watch(turn_, server));
  }
  ++turn_;
  if (AllDone()) return false;
  const bool rests = std::ranges::any_of(clients_, [](const auto& client) {
    return !client->done() && client->rests();
  });
  const int ready =
      poll(watched.data(), watched.size(), rests ? 0 : kIdleTurnMs);
  PCHECK(ready >= 0 || errno == EINTR);
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (watched[i].revents != 0) clients_[i]->Handle(watched[i]);
  }
  idle_turns_ = ready > 0 || rests ? 0 : idle_turns_ + 1;
  if (idle_turns_ < kMaxIdleTurns) return true;
  ReportStuck();
  return false;
}

ChaosClients::Result ChaosClients::result(size_t client) const {
  return clients_[client]->result();
}

bool ChaosClients::AllDone() const {
  return std::ranges::all_of(clients_,
                             [](const auto& client) { return client->done(); });
}

void ChaosClients::ReportStuck() const {
  for (size_t i = 0; i < clients_.size(); ++i) {
    const Client& client = *clients_[i];
    if (client.done()) continue;
    ADD_FAILURE() << "nothing comes any more for client " << i << ", which has "
                  << "sent " << client.result().sent << " of "
                  << client.plan().total << " bytes and received "
                  << client.result().received;
  }
}

}  // namespace rondo
