#include "tests/net/client/dns_server.h"

#include <arpa/inet.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/io_events.h"

namespace rondo {
namespace {

// The UDP port that the system chose may be taken for TCP.
constexpr int kListenTries = 100;
constexpr size_t kMaxMessageBytes = 65'535;
constexpr absl::Duration kPatience = absl::Minutes(1);

UniqueFd BindUdp(const InetAddress& address) {
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  CHECK(fd.valid());
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  PCHECK(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage),
                length) == 0)
      << address.ToString();
  return fd;
}

InetAddress LocalAddress(const UniqueFd& fd) {
  sockaddr_storage storage;
  socklen_t length = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  PCHECK(::getsockname(fd.get(), address, &length) == 0);
  return *InetAddress::FromSockaddr(address, length);
}

// Takes one message with its length in front, RFC 1035 section 4.2.2.
std::optional<std::string> TakeMessage(std::string& input) {
  if (input.size() < 2) return std::nullopt;
  const size_t length =
      static_cast<uint8_t>(input[0]) << 8 | static_cast<uint8_t>(input[1]);
  if (input.size() < 2 + length) return std::nullopt;
  std::string message = input.substr(2, length);
  input.erase(0, 2 + length);
  return message;
}

void WriteMessage(Socket& socket, const std::string& message) {
  std::string framed = {static_cast<char>(message.size() >> 8),
                        static_cast<char>(message.size())};
  framed += message;
  const iovec slice = {framed.data(), framed.size()};
  // It fits the socket's buffer, or the client has gone.
  (void)socket.Write(&slice, 1);
}

}  // namespace

DnsServer::DnsServer(const InetAddress& address) {
  Listen(address);
  auto thread = EventLoopThread::Start({.name = "dns"});
  CHECK(thread.ok()) << thread.status();
  thread_ = *std::move(thread);
  thread_->loop()->RunAndWait([this] {
    udp_channel_ = std::make_unique<Channel>(thread_->loop(), udp_.get(),
                                             [this](IoEvents) { ReadUdp(); });
    udp_channel_->EnableReading();
    tcp_channel_ = std::make_unique<Channel>(thread_->loop(), tcp_.fd(),
                                             [this](IoEvents) { AcceptTcp(); });
    tcp_channel_->EnableReading();
  });
}

DnsServer::~DnsServer() {
  thread_->loop()->RunAndWait([this] {
    udp_channel_.reset();
    tcp_channel_.reset();
    tcp_clients_.clear();
  });
}

void DnsServer::Listen(const InetAddress& address) {
  for (int i = 0; i < kListenTries; ++i) {
    udp_ = BindUdp(address);
    address_ = LocalAddress(udp_);
    auto tcp = Socket::Listen(address_, {});
    if (!tcp.ok()) continue;
    tcp_ = *std::move(tcp);
    return;
  }
  LOG(FATAL) << "no port is free for both UDP and TCP";
}

void DnsServer::Set(const std::string& name, DnsType type, DnsReply reply) {
  MutexLock lock(&mu_);
  replies_[{name, type}] = std::move(reply);
}

void DnsServer::SetDefault(DnsReply reply) {
  MutexLock lock(&mu_);
  default_ = std::move(reply);
}

void DnsServer::Hold() {
  MutexLock lock(&mu_);
  holding_ = true;
}

void DnsServer::Release() {
  thread_->loop()->RunAndWait([this] {
    std::vector<Datagram> held;
    {
      MutexLock lock(&mu_);
      holding_ = false;
      held.swap(held_);
    }
    for (const Datagram& reply : held) Send(reply);
  });
}

int DnsServer::queries(const std::string& name, DnsType type) const {
  MutexLock lock(&mu_);
  const auto found = counts_.find({name, type});
  return found == counts_.end() ? 0 : found->second;
}

int DnsServer::queries() const {
  MutexLock lock(&mu_);
  return queries_;
}

int DnsServer::tcp_queries() const {
  MutexLock lock(&mu_);
  return tcp_queries_;
}

void DnsServer::AwaitQueries(int count) const {
  const absl::Time give_up = absl::Now() + kPatience;
  MutexLock lock(&mu_);
  while (queries_ < count && absl::Now() < give_up) {
    changed_.WaitFor(&mu_, give_up - absl::Now());
  }
  EXPECT_GE(queries_, count) << "these queries have not come";
}

void DnsServer::ReadUdp() {
  std::string bytes(kMaxMessageBytes, '\0');
  while (true) {
    Datagram reply;
    reply.peer_length = sizeof reply.peer;
    const ssize_t got = ::recvfrom(udp_.get(), bytes.data(), bytes.size(), 0,
                                   reinterpret_cast<sockaddr*>(&reply.peer),
                                   &reply.peer_length);
    if (got < 0) return;
    const auto query = ParseDnsQuery({bytes.data(), static_cast<size_t>(got)});
    if (!query.has_value()) continue;
    const DnsReply said = TakeQuery(*query, /*tcp=*/false);
    if (said.silent) continue;
    reply.bytes = EncodeDnsReply(*query, said, said.truncated_over_udp);
    {
      MutexLock lock(&mu_);
      if (holding_) {
        held_.push_back(std::move(reply));
        continue;
      }
    }
    Send(reply);
  }
}

void DnsServer::Send(const Datagram& reply) {
  // Whoever asked may have gone.
  (void)::sendto(udp_.get(), reply.bytes.data(), reply.bytes.size(),
                 MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&reply.peer),
                 reply.peer_length);
}

void DnsServer::AcceptTcp() {
  Socket::Accepted accepted = tcp_.Accept();
  if (accepted.error != 0) return;
  const int fd = accepted.socket.fd();
  auto channel = std::make_unique<Channel>(
      thread_->loop(), fd, [this, fd](IoEvents) { ReadTcp(fd); });
  channel->EnableReading();
  tcp_clients_[fd] = {std::move(accepted.socket), "", std::move(channel)};
}

void DnsServer::ReadTcp(int fd) {
  TcpClient& client = tcp_clients_.at(fd);
  std::string bytes(kMaxMessageBytes, '\0');
  const IoResult read = client.socket.Read(bytes.data(), bytes.size());
  if (read.error == EAGAIN) return;
  if (read.error != 0 || read.bytes == 0) {
    client.channel->Leave();
    thread_->loop()->DeferDelete(std::move(client.channel));
    tcp_clients_.erase(fd);
    return;
  }
  client.input.append(bytes, 0, read.bytes);
  while (const auto message = TakeMessage(client.input)) {
    const auto query = ParseDnsQuery(*message);
    if (!query.has_value()) continue;
    const DnsReply said = TakeQuery(*query, /*tcp=*/true);
    if (said.silent) continue;
    WriteMessage(client.socket,
                 EncodeDnsReply(*query, said, /*truncated=*/false));
  }
}

DnsReply DnsServer::TakeQuery(const DnsQuery& query, bool tcp) {
  MutexLock lock(&mu_);
  const Key key = {query.name, query.type};
  ++counts_[key];
  ++queries_;
  if (tcp) ++tcp_queries_;
  changed_.NotifyAll();
  const auto found = replies_.find(key);
  return found == replies_.end() ? default_ : found->second;
}

}  // namespace rondo
