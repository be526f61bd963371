#ifndef RONDO_TESTS_NET_CLIENT_DNS_SERVER_H_
#define RONDO_TESTS_NET_CLIENT_DNS_SERVER_H_

#include <netinet/in.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "net/reactor/channel.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "tests/net/client/dns_message.h"

namespace rondo {

// A name server on loopback, on a thread of its own, that says what a test
// tells it to, over UDP and TCP on one port. What it was not told of does not
// exist (NXDOMAIN).
//
// Threading: all methods are Thread-safe.
// Errors: it CHECKs that it can listen. A wait that nothing ends within a
// minute fails the test.
class DnsServer {
 public:
  explicit DnsServer(
      const InetAddress& address = *InetAddress::Parse("127.0.0.1:0"));
  ~DnsServer();

  const InetAddress& address() const { return address_; }

  // The reply to a question from now on.
  void Set(const std::string& name, DnsType type, DnsReply reply);
  // The reply to all other questions.
  void SetDefault(DnsReply reply);

  // Replies over UDP wait from now on, until they are released.
  void Hold();
  void Release();

  // How many queries have come, by question or over a transport.
  int queries(const std::string& name, DnsType type) const;
  int queries() const;
  int tcp_queries() const;

  // Returns when so many have come.
  void AwaitQueries(int count) const;

 private:
  struct TcpClient {
    Socket socket;
    std::string input;
    std::unique_ptr<Channel> channel;
  };
  struct Datagram {
    sockaddr_storage peer;
    socklen_t peer_length;
    std::string bytes;
  };

  // Both sockets on one port of the system's choice.
  void Listen(const InetAddress& address);
  void ReadUdp();
  void Send(const Datagram& reply);
  void AcceptTcp();
  void ReadTcp(int fd);
  // Counts the query and says what to reply.
  DnsReply TakeQuery(const DnsQuery& query, bool tcp);

  InetAddress address_;
  UniqueFd udp_;
  Socket tcp_;

  // The thread's.
  std::unique_ptr<Channel> udp_channel_;
  std::unique_ptr<Channel> tcp_channel_;
  std::map<int, TcpClient> tcp_clients_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  using Key = std::pair<std::string, DnsType>;
  std::map<Key, DnsReply> replies_ ABSL_GUARDED_BY(mu_);
  DnsReply default_ ABSL_GUARDED_BY(mu_) = {.rcode = DnsRcode::kNxDomain};
  std::map<Key, int> counts_ ABSL_GUARDED_BY(mu_);
  int queries_ ABSL_GUARDED_BY(mu_) = 0;
  int tcp_queries_ ABSL_GUARDED_BY(mu_) = 0;
  bool holding_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Datagram> held_ ABSL_GUARDED_BY(mu_);

  std::unique_ptr<EventLoopThread> thread_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CLIENT_DNS_SERVER_H_
