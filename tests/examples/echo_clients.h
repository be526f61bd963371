#ifndef RONDO_TESTS_EXAMPLES_ECHO_CLIENTS_H_
#define RONDO_TESTS_EXAMPLES_ECHO_CLIENTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace rondo {

struct EchoClientsOptions {
  uint16_t port = 0;
  int clients = 32;
  // After the server's FIN a client connects anew; otherwise it is done.
  bool reconnect = false;
};

// What happened to the clients.
struct EchoOutcome {
  uint64_t connects = 0;
  uint64_t replies = 0;
  uint64_t ended = 0;  // by the server's FIN, with nothing asked for
  // These should be 0.
  uint64_t failed_connects = 0;
  uint64_t resets = 0;
  uint64_t lost = 0;   // FIN in place of a reply, or of the rest of it
  uint64_t wrong = 0;  // another reply than the request asks for
  uint64_t stuck = 0;

  // Those of the last five that are not 0, as "resets 3, lost 1".
  std::string Faults() const;
};

// Clients of an echo server on one thread. Each sends a request of its own,
// reads the reply, and reads on until there is nothing more: a FIN that has
// come by then ends it in peace. Only then it sends the next.
//
// Threading: one thread at a time.
// Errors: they are counted. A client to which nothing happens for a minute is
// stuck.
class EchoClients {
 public:
  // Returns when all have connected.
  explicit EchoClients(EchoClientsOptions options);
  EchoClients(const EchoClients&) = delete;
  EchoClients& operator=(const EchoClients&) = delete;
  ~EchoClients();

  // Waits for so many more replies; fails the test if they do not come.
  void AwaitReplies(int replies);
  // Waits until the server has ended all connections.
  EchoOutcome AwaitEnds();
  // Each client hangs up after its next reply.
  EchoOutcome Finish();

 private:
  struct Client {
    UniqueFd fd;
    uint64_t sequence = 0;
    std::string request;
    std::string reply;
  };

  void Connect(Client& client);
  void Run();
  // False if it has waited for too long.
  bool AwaitInput();
  void Ask(Client& client);
  void Hear(Client& client);
  // Reads what has come. What recv() returned last: 0 or -1, with errno.
  int Receive(Client& client);
  void End(Client& client, uint64_t EchoOutcome::*why);

  const EchoClientsOptions options_;
  std::atomic<bool> finishing_ = false;
  std::counting_semaphore<> replies_{0};

  // The thread's, once it runs.
  std::vector<Client> clients_;
  EchoOutcome outcome_;

  std::jthread thread_;  // last: it uses the rest
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_ECHO_CLIENTS_H_
