#ifndef RONDO_TESTS_NET_TCP_CHAOS_PLAN_H_
#define RONDO_TESTS_NET_TCP_CHAOS_PLAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "net/tcp/tcp_server.h"
#include "tests/testing/faulty_socket_calls.h"

namespace rondo {

class ChaosRandom {
 public:
  explicit ChaosRandom(uint64_t seed) : engine_(seed) {}

  size_t From(size_t lowest, size_t highest) {
    return std::uniform_int_distribution<size_t>(lowest, highest)(engine_);
  }
  bool Percent(size_t chance) { return From(1, 100) <= chance; }
  template <typename T>
  T Any(std::initializer_list<T> values) {
    return *(values.begin() + From(0, values.size() - 1));
  }
  // The small ones no rarer than the big.
  size_t Size(size_t highest) {
    return From(0, highest >> From(0, std::bit_width(highest)));
  }

 private:
  std::mt19937_64 engine_;
};

// What one client does, and what the server does to it. Bytes are counted in
// the client's stream, which the server echoes.
struct ChaosClientPlan {
  enum class End {
    kHalfClose,  // FIN behind the last byte, then reads to the end
    kFin,        // FIN when all has come back
    kReset,      // RST at a byte
    kLeave,      // close(2) at a byte, whatever is unread
  };
  enum class ServerEnd { kNever, kShutdown, kClose, kLinger, kForceClose };

  uint32_t salt = 0;
  size_t total = 0;
  int connect_turn = 0;
  size_t max_write_bytes = 1;
  size_t max_read_bytes = 1;
  int receive_buffer_bytes = 0;  // 0: the system's
  size_t percent_pausing = 0;    // of reads and of writes
  size_t max_pause_turns = 0;
  End end = End::kHalfClose;
  size_t end_at = 0;
  ServerEnd server_end = ServerEnd::kNever;
  size_t server_end_at = 0;

  // Whether it sends all and reads to the end, if it is let.
  bool stays() const { return end == End::kHalfClose || end == End::kFin; }
  char ByteAt(size_t i) const {
    return static_cast<char>((i * 2'654'435'761u + salt) >> 16);
  }
};

// All that is drawn for one scenario.
struct ChaosPlan {
  enum class Reply { kInline, kHandle, kOffload };
  // How much of its input a handler takes: all, whole units, or some, and then
  // it pauses to be passed the rest later.
  enum class Take { kAll, kUnits, kSome };
  enum class Stop { kNone, kStop, kStopWithGrace, kDrain, kDestroy };
  enum class Stopper { kTestThread, kOtherThread, kCallback };

  // `count` clients; 0: that is drawn, too.
  explicit ChaosPlan(uint32_t seed, size_t count = 0);

  // For the messages of failures.
  std::string ToString() const;

  uint32_t seed;
  TcpServerOptions server;
  SocketFaultRates faults;
  bool fatal_faults = false;  // those that end a connection
  bool tight_output = false;  // max_output_bytes may be met
  Reply reply = Reply::kInline;
  int workers = 1;
  Take take = Take::kAll;
  size_t unit = 1;             // every total is a multiple of it
  size_t percent_pausing = 0;  // of messages that the server pauses after
  bool shuts_down_on_drain = false;
  Stop stop = Stop::kNone;
  Stopper stopper = Stopper::kTestThread;
  uint64_t stop_at_event = 0;  // of the server's callbacks
  absl::Duration grace;
  std::vector<ChaosClientPlan> clients;

 private:
  void DrawServer(ChaosRandom& random);
  void DrawFaults(ChaosRandom& random);
  void DrawStop(ChaosRandom& random);
  ChaosClientPlan DrawClient(ChaosRandom& random, size_t writes) const;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_TCP_CHAOS_PLAN_H_
