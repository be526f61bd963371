#ifndef RONDO_NET_TCP_SOCKET_CALLS_H_
#define RONDO_NET_TCP_SOCKET_CALLS_H_

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>

namespace rondo {

// The system calls that a Socket makes, but for those that only set-up needs
// (fcntl, getsockname). What a test overrides here is the result that
// everything above sees.
//
// In a build with NDEBUG nothing can be overridden: Socket's calls are then the
// system's own, with no pointer and no branch before them.
//
// Threading: of any thread, at any time. Errors: -1 and errno, as the system's.
class SocketCalls {
 public:
  virtual ~SocketCalls() = default;

  virtual int NewSocket(int family, int type, int protocol) {
    return ::socket(family, type, protocol);
  }
  virtual int Bind(int fd, const sockaddr* address, socklen_t length) {
    return ::bind(fd, address, length);
  }
  virtual int Listen(int fd, int backlog) { return ::listen(fd, backlog); }
  virtual int Connect(int fd, const sockaddr* address, socklen_t length) {
    return ::connect(fd, address, length);
  }
  virtual int Accept4(int fd, sockaddr* peer, socklen_t* length, int flags) {
    return ::accept4(fd, peer, length, flags);
  }
  virtual int Poll(pollfd* watched, nfds_t count, int timeout_ms) {
    return ::poll(watched, count, timeout_ms);
  }
  virtual ssize_t Recv(int fd, void* to, size_t bytes, int flags) {
    return ::recv(fd, to, bytes, flags);
  }
  virtual ssize_t Recvmsg(int fd, msghdr* message, int flags) {
    return ::recvmsg(fd, message, flags);
  }
  virtual ssize_t Send(int fd, const void* from, size_t bytes, int flags) {
    return ::send(fd, from, bytes, flags);
  }
  virtual ssize_t Sendmsg(int fd, const msghdr* message, int flags) {
    return ::sendmsg(fd, message, flags);
  }
  virtual ssize_t Sendfile(int fd, int file, off_t* offset, size_t bytes) {
    return ::sendfile(fd, file, offset, bytes);
  }
  virtual int Shutdown(int fd, int how) { return ::shutdown(fd, how); }
  virtual int Getsockopt(int fd, int level, int name, void* value,
                         socklen_t* length) {
    return ::getsockopt(fd, level, name, value, length);
  }
  virtual int Setsockopt(int fd, int level, int name, const void* value,
                         socklen_t length) {
    return ::setsockopt(fd, level, name, value, length);
  }
};

// The system's, of a type that is final: the compiler calls them directly.
class KernelSocketCalls final : public SocketCalls {};

#ifdef NDEBUG

inline constexpr bool kSocketCallsReplaceable = false;

inline KernelSocketCalls CurrentSocketCalls() { return {}; }

#else

inline constexpr bool kSocketCallsReplaceable = true;

// Those of the innermost ScopedSocketCalls, else the system's. Thread-safe.
SocketCalls& CurrentSocketCalls();

#endif

// While it lives, all sockets of the process make their calls through `calls`.
// They nest. With NDEBUG it does nothing: ask kSocketCallsReplaceable.
//
// Ownership: borrows `calls`. Requires: other threads make no socket calls when
// the last of them ends; what is under way still uses `calls`.
class ScopedSocketCalls {
 public:
  explicit ScopedSocketCalls(SocketCalls* calls);
  ~ScopedSocketCalls();
  ScopedSocketCalls(const ScopedSocketCalls&) = delete;
  ScopedSocketCalls& operator=(const ScopedSocketCalls&) = delete;

 private:
  SocketCalls* const before_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_SOCKET_CALLS_H_
