#ifndef RONDO_TESTS_NET_HTTP_PEERS_WITNESS_SERVER_H_
#define RONDO_TESTS_NET_HTTP_PEERS_WITNESS_SERVER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "net/http/http_options.h"
#include "net/http/http_request.h"
#include "net/http/http_server.h"
#include "net/http/router.h"
#include "net/reactor/event_loop_thread.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// An HttpServer on a port of its own that remembers what it was asked. Each
// path but the last has a token, which its answer carries as X-Token:
//
//   /echo/{token}      says method, token and body
//   /later/{token}     the same, by another thread
//   /streamed/{token}  the same, in chunks, as the body comes
//   /missing/{token}   the same, with 404
//   /tagged/{token}    the same, with an ETag, or 304 for who has that
//   /unread/{token}    says method and token, and reads no body
//   /vast/{token}      kVastBytes of nothing much
//   /{any...}          says the body, or OK
//
// Threading: its methods are Thread-safe.
// Lifetime: the destructor stops it, with whatever is in flight.
class WitnessServer {
 public:
  static constexpr uint64_t kVastBytes = 8 * 1'024 * 1'024;

  // What it was asked, and on which connection, by the client's port.
  struct Request {
    uint16_t connection = 0;
    std::string method = {};
    std::string path = {};
    std::string token = {};
    bool passed_on = false;  // has a field X-Passed-On
  };

  explicit WitnessServer(HttpOptions options = {},
                         ConnectionLimits limits = {});
  ~WitnessServer();

  const TcpServer& tcp() const { return server_->tcp(); }
  uint16_t port() const { return tcp().port(); }
  InetAddress address() const { return tcp().addresses().front(); }

  // In the order of their handlers.
  std::vector<Request> requests() const;
  void ForgetRequests();

  // What /echo/{token} says.
  static std::string Echo(std::string_view method, std::string_view token,
                          std::string_view body);

 private:
  Router MakeRouter();
  void Remember(const HttpRequest& request);

  mutable std::mutex mu_;
  std::vector<Request> requests_;
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<EventLoopThread> thread_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_PEERS_WITNESS_SERVER_H_
