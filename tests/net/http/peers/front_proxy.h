#ifndef RONDO_TESTS_NET_HTTP_PEERS_FRONT_PROXY_H_
#define RONDO_TESTS_NET_HTTP_PEERS_FRONT_PROXY_H_

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "base/unique_fd.h"
#include "net/tcp/inet_address.h"
#include "tests/examples/process.h"
#include "tests/testing/temp_directory.h"

namespace rondo {

// A running proxy before a server on 127.0.0.1. It keeps one connection to the
// server open and sends what all its clients ask over that.
//
//   kNginx          reads all of a request before it passes it on; opens more
//                   connections while that one is in use
//   kNginxPassing   passes a body on as it comes, and so the server can answer
//                   before it has come
//   kHaproxy        does so, too, and never has a second connection
//
// Each request that it passes on is marked, see WitnessServer::Request.
//
// Threading: one thread; clients may connect from any.
// Ownership and lifetime: its processes and files end with it.
class FrontProxy {
 public:
  enum class Kind { kNginx, kNginxPassing, kHaproxy };

  // Whether its program is there; tests that need it are skipped if it is not.
  static bool IsInstalled(Kind kind);

  FrontProxy(Kind kind, uint16_t server_port);
  ~FrontProxy();

  // A unix socket, which lies deeper than a socket's path may be long: so this
  // leads through a descriptor of the test's, and is good while this lives.
  InetAddress address() const;

 private:
  const TempDirectory directory_;
  const UniqueFd directory_fd_;
  std::unique_ptr<Process> process_;
};

// "Haproxy", as names of tests have it.
std::string ToString(FrontProxy::Kind kind);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_PEERS_FRONT_PROXY_H_
