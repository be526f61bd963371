#ifndef RONDO_TESTS_NET_TCP_CHAOS_CLIENTS_H_
#define RONDO_TESTS_NET_TCP_CHAOS_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "net/tcp/inet_address.h"
#include "tests/net/tcp/chaos_plan.h"

namespace rondo {

// The clients of a scenario on the caller's thread, a turn of poll(2) at a
// time. What comes back is compared at once.
class ChaosClients {
 public:
  // How it ended: as the client had planned, or by what the server did.
  enum class End { kNone, kLeft, kFin, kReset };
  struct Result {
    End end = End::kNone;
    size_t sent = 0;
    size_t received = 0;
  };

  // Gives each client a socket with a port of its own, by which the server
  // knows it.
  explicit ChaosClients(const ChaosPlan& plan);
  ~ChaosClients();

  const std::vector<uint16_t>& ports() const { return ports_; }

  // Sends, receives, connects: at most once per client. False once all are
  // done, or stuck, which fails the test.
  bool Turn(const InetAddress& server);

  Result result(size_t client) const;

 private:
  class Client;

  bool AllDone() const;
  void ReportStuck() const;

  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<uint16_t> ports_;
  int turn_ = 0;
  int idle_turns_ = 0;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_CHAOS_CLIENTS_H_
