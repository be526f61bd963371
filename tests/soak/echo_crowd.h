#ifndef RONDO_TESTS_SOAK_ECHO_CROWD_H_
#define RONDO_TESTS_SOAK_ECHO_CROWD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace rondo {

// What became of one message on each connection of a crowd.
struct CrowdEcho {
  size_t right = 0;   // came back, byte for byte
  size_t wrong = 0;   // a byte that was not sent
  size_t ended = 0;   // the connection was over
  size_t silent = 0;  // nothing more came for Process::kBound
  size_t bytes = 0;   // received and right
};

// More clients of an echo server than one address has ports for: they come from
// 127.0.0.2, 127.0.0.3, … in turn.
//
// Threading: one thread at a time.
class EchoCrowd {
 public:
  static constexpr size_t kAddresses = 10;

  // Connects. Fewer than `clients` are connected if the system refuses one.
  EchoCrowd(uint16_t port, size_t clients);

  size_t size() const { return clients_.size(); }

  // Sends each its own message, on all before it reads from any, then reads
  // what comes. Messages differ between clients and between rounds.
  CrowdEcho EchoAll(uint32_t round);

 private:
  struct Client {
    UniqueFd fd;
    size_t received = 0;  // of this round's message
    bool done = false;
  };

  void SendAll(uint32_t round, CrowdEcho& result);
  void Receive(size_t index, uint32_t round, CrowdEcho& result);
  void Finish(Client& client, size_t& counter);

  UniqueFd epoll_;
  std::vector<Client> clients_;
  size_t waiting_ = 0;  // clients that are not done in this round
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_ECHO_CROWD_H_
