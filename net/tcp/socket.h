#ifndef RONDO_NET_TCP_SOCKET_H_
#define RONDO_NET_TCP_SOCKET_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// What a read or write did: `bytes` if `error` is 0, else the errno. A read of
// 0 bytes is the end of input.
struct IoResult {
  size_t bytes = 0;
  int error = 0;

  // It has failed, but a later one may not.
  bool MayRetry() const { return error == EAGAIN || error == EINTR; }
};
static_assert(EAGAIN == EWOULDBLOCK);  // as on Linux

// What a read would find: kError is what it would fail with.
enum class Pending { kNothing, kBytes, kEnd, kError };

struct ListenOptions {
  int backlog = 4'096;  // the kernel caps it at net.core.somaxconn
  bool reuse_port = false;
  // [::] leaves IPv4 to others, who then can listen on 0.0.0.0 (ipv6(7)).
  bool ipv6_only = false;
  // Accepted sockets inherit these, which spares a call for each (tcp(7)).
  bool tcp_no_delay = true;
  bool keep_alive = false;
  // Of a unix socket's file, from the moment that it is there; 0 leaves it to
  // the umask.
  mode_t file_mode = 0;
};

struct ConnectOptions {
  // Where from; port 0 lets the system choose one, and another port allows one
  // attempt at a time. None: the system chooses both. Not for unix sockets.
  std::optional<InetAddress> local_address = std::nullopt;
  // By which network interface, as "eth0"; empty: the routes say.
  std::string interface = {};
  bool tcp_no_delay = true;
  bool keep_alive = false;
};

// A stream socket, non-blocking and close-on-exec from birth. No other file
// but fd_passing makes socket calls.
//
// Threading: like an int. Ownership: closes its descriptor.
// Errors: set-up gives a Status with the address and a remedy; reads and writes
// give an IoResult. Writing to a closed peer gives EPIPE, never SIGPIPE.
class Socket {
 public:
  Socket() = default;
  explicit Socket(UniqueFd fd) : fd_(std::move(fd)) {}

  // Binds and listens. A socket file that no process listens on is replaced.
  static absl::StatusOr<Socket> Listen(const InetAddress& address,
                                       const ListenOptions& options);

  // A socket that can Connect() to `peer`: bound as the options say.
  static absl::StatusOr<Socket> Open(const InetAddress& peer,
                                     const ConnectOptions& options);

  // Begins to connect and returns 0, or an errno. It has ended when the socket
  // is writable, and has failed if TakeError() is not 0 then. EAGAIN: the
  // backlog of a unix socket is full (for TCP, the system tries again itself).
  int Connect(const InetAddress& peer);

  // What Connect() to a unix address would fail of, without connecting: 0 if
  // a process has a stream socket there, or an errno.
  static int ProbeUnix(const InetAddress& address);

  // Takes over a listening stream socket that somebody else has made.
  static absl::StatusOr<Socket> Adopt(UniqueFd fd);

  // Listens, again if it does already, with the options that do not go by the
  // address: the backlog and what connections begin with. 0 or an errno.
  int Listen(const ListenOptions& options);

  int fd() const { return fd_.get(); }
  bool valid() const { return fd_.valid(); }

  // Closes now rather than when destroyed; later calls fail with EBADF.
  void Close() { fd_.Reset(); }

  struct Accepted;
  // Takes the next connection. Fails with EAGAIN when none waits.
  Accepted Accept();

  // Whether a connection waits. Much cheaper than an Accept() that fails, for
  // which Linux makes a socket and an inode before it looks (net/socket.c,
  // do_accept()).
  bool HasWaiting() const;

  // From now on no connection begins: the kernel drops what would begin one,
  // and the peer tries again, until the socket is closed and it is refused. One
  // that is half way, as long as an acknowledgement takes, still joins those
  // that wait. For good, and for every process that has this socket. False, and
  // nothing has changed, where the kernel does not let this user.
  bool RefuseNew();

  IoResult Read(char* to, size_t bytes);
  // `more`: a FIN or more bytes follow at once and should share the segment
  // (MSG_MORE). The kernel waits for them 200 ms.
  IoResult Write(const iovec* slices, int count, bool more = false);

  // Sends bytes of a file, of which 0 means that it ends at `offset`. The first
  // call of a thread blocks SIGPIPE in it, for good.
  IoResult SendFile(int file, uint64_t offset, size_t bytes);

  // What a Read() would find, which it leaves where it is.
  Pending PeekInput();

  // Sends FIN after what was written.
  void ShutdownWrite();

  // Makes closing send RST and drop what is unsent, instead of FIN.
  void ResetOnClose();

  void SetNoDelay(bool on);
  void SetKeepAlive(bool on);

  absl::StatusOr<InetAddress> LocalAddress() const;
  absl::StatusOr<InetAddress> PeerAddress() const;

  // Whether others may listen on the same port (SO_REUSEPORT).
  bool reuse_port() const;

  // Who connected to, or listened on, the other end of a unix socket.
  absl::StatusOr<uid_t> PeerUid() const;

  // The pending asynchronous error, an errno or 0, and clears it.
  int TakeError();

 private:
  UniqueFd fd_;
};

struct Socket::Accepted {
  Socket socket;
  InetAddress peer;
  int error = 0;  // errno; the rest is valid if it is 0
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_SOCKET_H_
