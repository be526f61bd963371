#include "tests/testing/faulty_socket_calls.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

namespace rondo {
namespace {

using Fault = SocketFault;

constexpr std::string_view kNames[kSocketFaults] = {
    "none",  "short read", "short write", "EINTR",  "EAGAIN", "ECONNRESET",
    "EPIPE", "ENOBUFS",    "ENOMEM",      "EMFILE", "ENFILE", "ECONNABORTED"};

constexpr int kErrnos[kSocketFaults] = {
    0,     0,       0,      EINTR,  EAGAIN, ECONNRESET,
    EPIPE, ENOBUFS, ENOMEM, EMFILE, ENFILE, ECONNABORTED};

constexpr Fault kAcceptFaults[] = {
    Fault::kEintr,  Fault::kEagain, Fault::kEnobufs,     Fault::kEnomem,
    Fault::kEmfile, Fault::kEnfile, Fault::kEconnaborted};
constexpr Fault kInterruptible[] = {Fault::kEintr};
constexpr Fault kRecvFaults[] = {Fault::kShortRead, Fault::kEintr,
                                 Fault::kEagain, Fault::kEconnreset};
constexpr Fault kRecvmsgFaults[] = {Fault::kEintr, Fault::kEagain};
constexpr Fault kSendFaults[] = {Fault::kShortWrite, Fault::kEintr,
                                 Fault::kEagain,     Fault::kEconnreset,
                                 Fault::kEpipe,      Fault::kEnobufs};

std::span<const Fault> FaultsOf(SocketCall call) {
  switch (call) {
    case SocketCall::kAccept:
      return kAcceptFaults;
    case SocketCall::kRecv:
      return kRecvFaults;
    case SocketCall::kRecvmsg:
      return kRecvmsgFaults;
    case SocketCall::kSend:
      return kSendFaults;
    case SocketCall::kPoll:
    case SocketCall::kPeek:
      return kInterruptible;
  }
  return {};
}

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", 2014): every bit of the result depends on all of both.
uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t x = a + (b + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// From 0 to below 1.
double ToFraction(uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

bool IsEnd(Fault fault) {
  return fault == Fault::kEconnreset || fault == Fault::kEpipe;
}

bool IsShort(Fault fault) {
  return fault == Fault::kShortRead || fault == Fault::kShortWrite;
}

// 0 if `fd` is no socket.
uint64_t Cookie(int fd) {
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length);
  return cookie;
}

// Connecting a TCP socket to nowhere resets its connection (net/ipv4/tcp.c,
// tcp_disconnect()). A unix socket refuses that and is ended instead.
void Kill(int fd) {
  const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
  if (connect(fd, &nowhere, sizeof(nowhere)) != 0) shutdown(fd, SHUT_RDWR);
}

// The first `max_bytes` of what `slices` describe.
std::vector<iovec> Truncated(std::span<const iovec> slices, size_t max_bytes) {
  std::vector<iovec> result;
  for (const iovec& slice : slices) {
    if (max_bytes == 0) break;
    result.push_back(slice);
    result.back().iov_len = std::min(slice.iov_len, max_bytes);
    max_bytes -= result.back().iov_len;
  }
  return result;
}

// Sets errno if the call is to fail with one.
bool Fails(const SocketFate& fate) {
  const int error = kErrnos[static_cast<size_t>(fate.fault)];
  if (error != 0) errno = error;
  return error != 0;
}

}  // namespace

std::string_view ToString(SocketFault fault) {
  return kNames[static_cast<size_t>(fault)];
}

FaultySocketCalls::FaultySocketCalls(uint64_t seed, SocketFaultRates rates)
    : seed_(seed), rates_(std::move(rates)) {}

SocketFate FaultySocketCalls::Decide(uint64_t socket, SocketCall call,
                                     uint64_t n) const {
  uint64_t hash = Mix(seed_, socket);
  hash = Mix(hash, static_cast<uint64_t>(call));
  hash = Mix(hash, n);
  double left = ToFraction(hash);
  for (const Fault fault : FaultsOf(call)) {
    const auto rate = rates_.find(fault);
    if (rate == rates_.end()) continue;
    if (left >= rate->second) {
      left -= rate->second;
      continue;
    }
    if (!IsShort(fault)) return {.fault = fault};
    // Of any size up to a read block's, the small ones no rarer than the big.
    const uint64_t size = Mix(hash, 1);
    return {.fault = fault,
            .max_bytes = 1 + (size >> 8) % (uint64_t{1} << (size % 17))};
  }
  return {};
}

uint64_t FaultySocketCalls::count(SocketFault fault) const {
  MutexLock lock(&mu_);
  return counts_[static_cast<size_t>(fault)];
}

std::string FaultySocketCalls::Counts() const {
  MutexLock lock(&mu_);
  std::string text;
  for (size_t i = 1; i < kSocketFaults; ++i) {
    if (counts_[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(kNames[i]) + " " + std::to_string(counts_[i]);
  }
  return text;
}

FaultySocketCalls::State& FaultySocketCalls::Find(uint64_t cookie) {
  auto [found, is_new] = states_.try_emplace(cookie);
  // Not among the names of accepted ones, see NoteAccepted().
  if (is_new) found->second.name = first_used_++;
  return found->second;
}

SocketFate FaultySocketCalls::Next(int fd, SocketCall call) {
  const uint64_t cookie = Cookie(fd);
  if (cookie == 0) return {};
  MutexLock lock(&mu_);
  State& state = Find(cookie);
  if (state.dead) {
    if (call == SocketCall::kPoll) return {};  // the system knows
    return {.fault =
                call == SocketCall::kSend ? Fault::kEpipe : Fault::kEconnreset};
  }
  const SocketFate fate =
      Decide(state.name, call, state.calls[static_cast<size_t>(call)]++);
  state.dead = IsEnd(fate.fault);
  if (state.dead) Kill(fd);
  // The others are counted where they are known to happen.
  if (!IsShort(fate.fault) && fate.fault != Fault::kEconnaborted) {
    ++counts_[static_cast<size_t>(fate.fault)];
  }
  return fate;
}

void FaultySocketCalls::Count(SocketFault fault) {
  MutexLock lock(&mu_);
  ++counts_[static_cast<size_t>(fault)];
}

void FaultySocketCalls::NoteAccepted(int listener, int fd) {
  const uint64_t from = Cookie(listener);
  const uint64_t cookie = Cookie(fd);
  MutexLock lock(&mu_);
  State& state = Find(from);
  const uint64_t name = Mix(state.name, state.accepted++);
  states_[cookie] = State{.name = name};
}

int FaultySocketCalls::Accept4(int fd, sockaddr* peer, socklen_t* length,
                               int flags) {
  const SocketFate fate = Next(fd, SocketCall::kAccept);
  if (fate.fault != Fault::kEconnaborted && Fails(fate)) return -1;
  const int accepted = SocketCalls::Accept4(fd, peer, length, flags);
  if (accepted < 0) return -1;
  NoteAccepted(fd, accepted);
  if (fate.fault != Fault::kEconnaborted) return accepted;
  close(accepted);
  Count(fate.fault);
  errno = ECONNABORTED;
  return -1;
}

int FaultySocketCalls::Poll(pollfd* watched, nfds_t count, int timeout_ms) {
  if (count == 1 && Fails(Next(watched->fd, SocketCall::kPoll))) {
    return -1;
  }
  return SocketCalls::Poll(watched, count, timeout_ms);
}

ssize_t FaultySocketCalls::Recv(int fd, void* to, size_t bytes, int flags) {
  const bool peeks = (flags & MSG_PEEK) != 0;
  const SocketFate fate =
      Next(fd, peeks ? SocketCall::kPeek : SocketCall::kRecv);
  if (Fails(fate)) return -1;
  if (fate.fault == Fault::kShortRead && fate.max_bytes < bytes) {
    Count(fate.fault);
    bytes = fate.max_bytes;
  }
  return SocketCalls::Recv(fd, to, bytes, flags);
}

ssize_t FaultySocketCalls::Recvmsg(int fd, msghdr* message, int flags) {
  if (Fails(Next(fd, SocketCall::kRecvmsg))) return -1;
  return SocketCalls::Recvmsg(fd, message, flags);
}

ssize_t FaultySocketCalls::Send(int fd, const void* from, size_t bytes,
                                int flags) {
  const SocketFate fate = Next(fd, SocketCall::kSend);
  if (Fails(fate)) return -1;
  if (fate.fault == Fault::kShortWrite && fate.max_bytes < bytes) {
    Count(fate.fault);
    bytes = fate.max_bytes;
  }
  return SocketCalls::Send(fd, from, bytes, flags);
}

ssize_t FaultySocketCalls::Sendmsg(int fd, const msghdr* message, int flags) {
  const SocketFate fate = Next(fd, SocketCall::kSend);
  if (Fails(fate)) return -1;
  if (fate.fault != Fault::kShortWrite) {
    return SocketCalls::Sendmsg(fd, message, flags);
  }
  const std::span<const iovec> slices(message->msg_iov, message->msg_iovlen);
  size_t offered = 0;
  for (const iovec& slice : slices) offered += slice.iov_len;
  if (fate.max_bytes >= offered) {
    return SocketCalls::Sendmsg(fd, message, flags);
  }
  Count(fate.fault);
  std::vector<iovec> some = Truncated(slices, fate.max_bytes);
  msghdr shorter = *message;
  shorter.msg_iov = some.data();
  shorter.msg_iovlen = some.size();
  return SocketCalls::Sendmsg(fd, &shorter, flags);
}

ssize_t FaultySocketCalls::Sendfile(int fd, int file, off_t* offset,
                                    size_t bytes) {
  const SocketFate fate = Next(fd, SocketCall::kSend);
  if (Fails(fate)) return -1;
  if (fate.fault == Fault::kShortWrite && fate.max_bytes < bytes) {
    Count(fate.fault);
    bytes = fate.max_bytes;
  }
  return SocketCalls::Sendfile(fd, file, offset, bytes);
}

}  // namespace rondo
