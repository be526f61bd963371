#include "tests/examples/echo_clients.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

constexpr size_t kRequestBytes = 64;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// As none of the other clients sends, and this one never again; in upper case,
// for servers that answer so.
std::string MakeRequest(size_t client, uint64_t sequence) {
  std::string result = absl::StrCat("CLIENT ", client, " ASKS ", sequence, " ");
  result.resize(kRequestBytes, '.');
  return result;
}

}  // namespace

std::string EchoOutcome::Faults() const {
  std::string result;
  const auto add = [&result](const char* name, uint64_t count) {
    if (count == 0) return;
    absl::StrAppend(&result, result.empty() ? "" : ", ", name, " ", count);
  };
  add("failed connects", failed_connects);
  add("resets", resets);
  add("lost", lost);
  add("wrong", wrong);
  add("stuck", stuck);
  return result;
}

EchoClients::EchoClients(EchoClientsOptions options)
    : options_(options), clients_(options.clients) {
  for (Client& client : clients_) Connect(client);
  thread_ = std::jthread([this] { Run(); });
}

EchoClients::~EchoClients() { finishing_ = true; }

void EchoClients::AwaitReplies(int replies) {
  for (int i = 0; i < replies; ++i) {
    ASSERT_TRUE(
        replies_.try_acquire_for(absl::ToChronoSeconds(Process::kBound)));
  }
}

EchoOutcome EchoClients::AwaitEnds() {
  thread_.join();
  return outcome_;
}

EchoOutcome EchoClients::Finish() {
  finishing_ = true;
  return AwaitEnds();
}

void EchoClients::Connect(Client& client) {
  client.fd.Reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  PCHECK(client.fd.valid());
  const int fd = client.fd.get();
  const int on = 1;
  PCHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
  const sockaddr_in address = Loopback(options_.port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    return End(client, &EchoOutcome::failed_connects);
  }
  PCHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  ++outcome_.connects;
}

void EchoClients::Run() {
  for (Client& client : clients_) Ask(client);
  while (AwaitInput()) {
  }
}

bool EchoClients::AwaitInput() {
  std::vector<pollfd> watched;
  for (const Client& client : clients_) {  // poll() skips the number -1
    watched.push_back({.fd = client.fd.get(), .events = POLLIN, .revents = 0});
  }
  const auto left = std::ranges::count_if(
      clients_, [](const Client& client) { return client.fd.valid(); });
  if (left == 0) return false;
  const int bound = absl::ToInt64Milliseconds(Process::kBound);
  const int n = poll(watched.data(), watched.size(), bound);
  if (n == 0) {
    outcome_.stuck += left;
    return false;
  }
  for (size_t i = 0; i < clients_.size(); ++i) {
    if (watched[i].revents != 0) Hear(clients_[i]);
  }
  return true;
}

void EchoClients::Ask(Client& client) {
  if (!client.fd.valid()) return;
  client.reply.clear();
  client.request = MakeRequest(&client - clients_.data(), client.sequence++);
  // On loopback it has arrived when send() returns.
  const ssize_t n = send(client.fd.get(), client.request.data(),
                         client.request.size(), MSG_NOSIGNAL);
  if (n != static_cast<ssize_t>(client.request.size())) {
    End(client, &EchoOutcome::resets);
  }
}

void EchoClients::Hear(Client& client) {
  const int end = Receive(client);
  if (end < 0 && errno != EAGAIN) return End(client, &EchoOutcome::resets);
  if (!client.request.starts_with(client.reply)) {
    return End(client, &EchoOutcome::wrong);
  }
  const bool whole = client.reply.size() == client.request.size();
  if (whole) {
    ++outcome_.replies;
    replies_.release();
  }
  if (end == 0) {
    End(client, whole ? &EchoOutcome::ended : &EchoOutcome::lost);
    if (options_.reconnect && !finishing_) {
      Connect(client);
      Ask(client);
    }
  } else if (whole && finishing_) {
    client.fd.Reset();
  } else if (whole) {
    Ask(client);
  }
}

int EchoClients::Receive(Client& client) {
  char block[4096];
  ssize_t n;
  while ((n = recv(client.fd.get(), block, sizeof(block), 0)) > 0) {
    client.reply.append(block, n);
  }
  return static_cast<int>(n);
}

void EchoClients::End(Client& client, uint64_t EchoOutcome::*why) {
  ++(outcome_.*why);
  client.fd.Reset();
}

}  // namespace rondo
