#ifndef RONDO_TESTS_TESTING_FAULTY_SOCKET_CALLS_H_
#define RONDO_TESTS_TESTING_FAULTY_SOCKET_CALLS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "net/tcp/socket_calls.h"

namespace rondo {

// What the system can do to a call, most of them by an errno.
enum class SocketFault {
  kNone,
  kShortRead,
  kShortWrite,
  kEintr,
  kEagain,
  kEconnreset,
  kEpipe,
  kEnobufs,
  kEnomem,
  kEmfile,
  kEnfile,
  kEconnaborted,
};
inline constexpr size_t kSocketFaults = 12;

std::string_view ToString(SocketFault fault);

// The calls that faults can befall.
enum class SocketCall { kAccept, kPoll, kRecv, kPeek, kRecvmsg, kSend };
inline constexpr size_t kSocketCalls = 6;

// What is to become of one call. `max_bytes` is for the short ones.
struct SocketFate {
  SocketFault fault = SocketFault::kNone;
  size_t max_bytes = 0;

  friend bool operator==(const SocketFate&, const SocketFate&) = default;
};

// How often each fault befalls a call that it can, from 0 to 1.
using SocketFaultRates = std::map<SocketFault, double>;

// Socket calls that now and then do what the system hardly ever does.
//
//   fault             accept  poll  recv  peek  recvmsg  send
//   short                             x                    x
//   EINTR               x       x     x     x      x       x
//   EAGAIN              x             x            x       x
//   ECONNRESET                        x                    x
//   EPIPE                                                  x
//   ENOBUFS             x                                  x
//   ENOMEM, EMFILE, ENFILE, ECONNABORTED: accept only
//
// What becomes of a call follows from the seed, the socket, the kind of call
// and how many of that kind the socket has had: not from what other sockets and
// threads do meanwhile. A socket is known by its place among those accepted by
// its listener, else by when it was first used.
//
// A fault that means the end of the connection really resets it, so that
// pollers and the peer see that too, and every later call of that socket finds
// it so. ECONNABORTED costs the connection that was next.
//
// Threading: all methods are Thread-safe.
class FaultySocketCalls final : public SocketCalls {
 public:
  FaultySocketCalls(uint64_t seed, SocketFaultRates rates);

  // What becomes of the n-th call of a kind, from 0, of a socket.
  SocketFate Decide(uint64_t socket, SocketCall call, uint64_t n) const;

  // How often a fault has befallen a call.
  uint64_t count(SocketFault fault) const;
  // All that are not 0, as "EINTR 3, EPIPE 1".
  std::string Counts() const;

  int Accept4(int fd, sockaddr* peer, socklen_t* length, int flags) override;
  int Poll(pollfd* watched, nfds_t count, int timeout_ms) override;
  ssize_t Recv(int fd, void* to, size_t bytes, int flags) override;
  ssize_t Recvmsg(int fd, msghdr* message, int flags) override;
  ssize_t Send(int fd, const void* from, size_t bytes, int flags) override;
  ssize_t Sendmsg(int fd, const msghdr* message, int flags) override;
  ssize_t Sendfile(int fd, int file, off_t* offset, size_t bytes) override;

 private:
  struct State {
    uint64_t name = 0;
    uint64_t accepted = 0;
    bool dead = false;
    std::array<uint64_t, kSocketCalls> calls = {};
  };

  // The state of the socket behind `fd`, whatever number it has; made at the
  // first use.
  State& Find(uint64_t cookie) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The next fate: counted, unless it can turn out not to happen, and begun, if
  // it is the connection's end.
  SocketFate Next(int fd, SocketCall call);
  void Count(SocketFault fault);
  void NoteAccepted(int listener, int fd);

  const uint64_t seed_;
  const SocketFaultRates rates_;

  mutable Mutex mu_;
  uint64_t first_used_ ABSL_GUARDED_BY(mu_) = 0;
  // By SO_COOKIE, which no two sockets have, not even one after the other.
  std::unordered_map<uint64_t, State> states_ ABSL_GUARDED_BY(mu_);
  std::array<uint64_t, kSocketFaults> counts_ ABSL_GUARDED_BY(mu_) = {};
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_FAULTY_SOCKET_CALLS_H_
