#ifndef RONDO_TESTS_NET_TCP_ECHO_SWARM_H_
#define RONDO_TESTS_NET_TCP_ECHO_SWARM_H_

#include <cstddef>
#include <cstdint>

#include "net/tcp/inet_address.h"

namespace rondo {

struct EchoSwarmOptions {
  InetAddress server = {};
  int clients = 1;           // at once
  int connections_each = 1;  // one after the other
  // Of one connection, at random from 1 on; also of one write.
  size_t max_bytes = 1;
  size_t max_write_bytes = 4'096;
  // Of a hundred connections, how many hang up at a random byte: half of them
  // with FIN, half with RST.
  int percent_leaving_early = 0;
  // Whether the server may end connections and refuse new ones, after which a
  // client is done.
  bool server_may_end = false;
  uint32_t seed = 1;
};

struct EchoSwarmResult {
  int completed = 0;  // connections that got back every byte
  int left_early = 0;
  int ended_by_server = 0;
  int refused = 0;
  uint64_t bytes_compared = 0;
};

// Many clients of an echo server on one thread, which compare what comes back.
// Where writes are cut and who leaves when follows from the seed. What must not
// be fails the test, and the swarm ends.
EchoSwarmResult RunEchoSwarm(const EchoSwarmOptions& options);

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_ECHO_SWARM_H_
