#ifndef RONDO_TESTS_SOAK_LOAD_CLIENT_H_
#define RONDO_TESTS_SOAK_LOAD_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/examples/client_socket.h"

namespace rondo {

// What clients did to an echo and an offload server, and got from them.
struct LoadOutcome {
  uint64_t talks = 0;        // messages and their echoes, one by one
  uint64_t half_closes = 0;  // FIN, and what was owed came all the same
  uint64_t resets = 0;       // with a message, a reply, or nothing under way
  uint64_t slow_reads = 0;   // the server had to wait
  uint64_t offloads = 0;     // connections that asked for work
  uint64_t abandoned = 0;    // they left before the answer
  uint64_t checked_bytes = 0;
  uint64_t busy = 0;    // answers that say so
  uint64_t faults = 0;  // anything that a server should not do
  std::string first_fault;

  void Add(const LoadOutcome& other);
};

// A client that lives one short connection after the other, each of a kind that
// its random numbers choose.
//
// Threading: one thread at a time.
// Errors: what a server does wrong is a fault in the outcome.
class LoadClient {
 public:
  struct Servers {
    uint16_t echo_port;
    uint16_t offload_port;
  };

  LoadClient(Servers servers, uint32_t seed);

  void RunOne();
  const LoadOutcome& outcome() const { return outcome_; }

 private:
  void Talk();
  void HalfClose();
  void ResetSomewhere();
  void ReadSlowly();
  void Offload();
  void AbandonWork();

  size_t Random(size_t least, size_t most);
  std::string_view Message(size_t least, size_t most);
  void Expect(std::string_view what, std::string_view sent,
              std::string_view received);
  void ExpectAnswers(std::vector<std::string> wanted,
                     std::vector<std::string> got);
  void Fault(std::string what);

  const Servers servers_;
  std::minstd_rand random_;
  const std::string noise_;  // that messages are cut from
  LoadOutcome outcome_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_LOAD_CLIENT_H_
