#include "net/tcp/socket.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/tcp/socket_calls.h"

namespace rondo {
namespace {

constexpr int kNewSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

IoResult ToResult(ssize_t n) {
  if (n < 0) return {.bytes = 0, .error = errno};
  return {.bytes = static_cast<size_t>(n), .error = 0};
}

// The option's value, or -1.
int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  CurrentSocketCalls().Getsockopt(fd, level, name, &value, &length);
  return value;
}

void SetOption(int fd, int level, int name, bool on) {
  const int value = on ? 1 : 0;
  // Not supported by this family (TCP options on a unix socket): no harm.
  CurrentSocketCalls().Setsockopt(fd, level, name, &value, sizeof(value));
}

std::string_view Remedy(const InetAddress& address, int error) {
  const bool file = address.is_unix();
  switch (error) {
    case EADDRINUSE:
      return file ? "something else has this path: if it is another server, "
                    "stop that one, else choose another path"
                  : "another socket has it: stop that one, or choose another "
                    "port";
    case EACCES:
      return file
                 ? "this user may not write to the folder: choose another path"
                 : "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose "
                   "another";
    case EADDRNOTAVAIL:
      return "this machine has no such address: use one of its own, or 0.0.0.0";
    case ENOENT:
    case ENOTDIR:
      return "the folder of the unix path does not exist: create it";
    case EMFILE:
      return "too many open files: raise `ulimit -n`";
    default:
      return "check the address";
  }
}

absl::Status CannotListen(const InetAddress& address, int error) {
  return absl::ErrnoToStatus(
      error, absl::StrCat("cannot listen on ", address.ToString(), " (",
                          std::string(Remedy(address, error)), ")"));
}

UniqueFd NewSocket(int family) {
  return UniqueFd(CurrentSocketCalls().NewSocket(family, kNewSocketFlags, 0));
}

int Bind(int fd, const InetAddress& address) {
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  return CurrentSocketCalls().Bind(fd, native, length) == 0 ? 0 : errno;
}

int Connect(int fd, const InetAddress& address) {
  sockaddr_storage storage;
  const socklen_t length = address.ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  return CurrentSocketCalls().Connect(fd, native, length) == 0 ? 0 : errno;
}

// True if `address` is a socket file that nobody listens on any more.
// Connecting to any other kind of file fails in the same way, so its kind is
// asked first.
bool IsStaleFile(const InetAddress& address) {
  if (!address.is_unix() || address.unix_path().starts_with('@')) return false;
  struct stat file;
  if (lstat(address.unix_path().c_str(), &file) != 0) return false;
  if (!S_ISSOCK(file.st_mode)) return false;
  const UniqueFd probe = NewSocket(AF_UNIX);
  return probe.valid() && Connect(probe.get(), address) == ECONNREFUSED;
}

absl::Status CannotConnectFrom(std::string_view what, const InetAddress& peer,
                               int error, std::string_view remedy) {
  return absl::ErrnoToStatus(
      error, absl::StrCat("cannot connect to ", peer.ToString(), " from ",
                          std::string(what), " (", std::string(remedy), ")"));
}

// sendfile(2) has no MSG_NOSIGNAL, and to block the signal around each call
// would be two calls more. It stays pending, harmless, where it is blocked.
void BlockSigpipeInThisThread() {
  thread_local bool blocked = false;
  if (std::exchange(blocked, true)) return;
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

// The name of a bound socket.
using NameCall = int (*)(int, sockaddr*, socklen_t*);
absl::StatusOr<InetAddress> AskName(int fd, NameCall call) {
  sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  auto* native = reinterpret_cast<sockaddr*>(&storage);
  if (call(fd, native, &length) != 0) {
    return absl::ErrnoToStatus(errno, "a socket does not tell its address");
  }
  return InetAddress::FromSockaddr(native, length);
}

}  // namespace

absl::StatusOr<Socket> Socket::Listen(const InetAddress& address,
                                      const ListenOptions& options) {
  if (address.is_unix() && address.unix_path().empty()) {
    return absl::InvalidArgumentError(
        "cannot listen on unix: without a path; write unix:/path");
  }
  Socket result(NewSocket(address.family()));
  const int fd = result.fd();
  if (fd < 0) return CannotListen(address, errno);
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, true);
  if (options.reuse_port) SetOption(fd, SOL_SOCKET, SO_REUSEPORT, true);
  if (options.ipv6_only && address.family() == AF_INET6) {
    SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, true);
  }
  // Linux makes the file with the mode of the unbound socket (net/unix/
  // af_unix.c, unix_bind_bsd()), less the umask.
  if (options.file_mode != 0) fchmod(fd, options.file_mode);
  int error = Bind(fd, address);
  if (error == EADDRINUSE && IsStaleFile(address)) {
    unlink(address.unix_path().c_str());
    error = Bind(fd, address);
  }
  if (error != 0) return CannotListen(address, error);
  error = result.Listen(options);
  if (error != 0) return CannotListen(address, error);
  return result;
}

int Socket::Listen(const ListenOptions& options) {
  SetNoDelay(options.tcp_no_delay);
  SetKeepAlive(options.keep_alive);
  const int result = CurrentSocketCalls().Listen(fd_.get(), options.backlog);
  return result == 0 ? 0 : errno;
}

absl::StatusOr<Socket> Socket::Open(const InetAddress& peer,
                                    const ConnectOptions& options) {
  Socket result(NewSocket(peer.family()));
  const int fd = result.fd();
  if (fd < 0) {
    const int error = errno;
    return absl::ErrnoToStatus(
        error, absl::StrCat("no socket to connect to ", peer.ToString(), " (",
                            std::string(Remedy(peer, error)), ")"));
  }
  result.SetNoDelay(options.tcp_no_delay);
  if (options.keep_alive) result.SetKeepAlive(true);
  const std::string& name = options.interface;
  if (!name.empty() &&
      CurrentSocketCalls().Setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE,
                                      name.data(), name.size()) != 0) {
    const int error = errno;
    return CannotConnectFrom(absl::StrCat("interface ", name), peer, error,
                             "`ip link` lists the interfaces");
  }
  if (!options.local_address.has_value()) return result;
  const InetAddress& local = *options.local_address;
  if (local.family() != peer.family()) {
    return CannotConnectFrom(local.ToString(), peer, EAFNOSUPPORT,
                             "use a local address of the same family");
  }
  if (local.is_unix()) {
    return CannotConnectFrom(local.ToString(), peer, EINVAL,
                             "unix sockets need no local address: set none");
  }
  // A port that the system is to choose is chosen when it connects, and then
  // need only differ from those that are connected to the same peer (ip(7)). A
  // given one may be in TIME_WAIT, after a connection to another.
  if (local.port() == 0) {
    SetOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, true);
  } else {
    SetOption(fd, SOL_SOCKET, SO_REUSEADDR, true);
  }
  const int error = Bind(fd, local);
  if (error == 0) return result;
  return CannotConnectFrom(local.ToString(), peer, error, Remedy(local, error));
}

int Socket::Connect(const InetAddress& peer) {
  const int error = rondo::Connect(fd_.get(), peer);
  // Connecting goes on in both cases (connect(2)).
  return error == EINPROGRESS || error == EINTR ? 0 : error;
}

// The type of a socket is looked at last (net/unix/af_unix.c, unix_find_bsd()),
// so whoever comes with the wrong one is told of anything else first.
int Socket::ProbeUnix(const InetAddress& address) {
  const UniqueFd probe(CurrentSocketCalls().NewSocket(
      AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return errno;
  const int error = rondo::Connect(probe.get(), address);
  return error == EPROTOTYPE ? 0 : error;
}

absl::StatusOr<Socket> Socket::Adopt(UniqueFd fd) {
  const auto refuse = [&fd](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot take over descriptor ", fd.get(),
                     " as a listening socket: ", std::string(why)));
  };
  const int status_flags = fcntl(fd.get(), F_GETFL);
  if (status_flags < 0) return refuse("it is not open; pass one that is");
  const int type = Option(fd.get(), SOL_SOCKET, SO_TYPE);
  if (type < 0) return refuse("it is not a socket; pass one that is");
  if (type != SOCK_STREAM) {
    return refuse("it is not a stream socket; make it with SOCK_STREAM");
  }
  if (Option(fd.get(), SOL_SOCKET, SO_ACCEPTCONN) != 1) {
    return refuse("it does not listen; call listen(2) before passing it on");
  }
  const int family = Option(fd.get(), SOL_SOCKET, SO_DOMAIN);
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    return refuse(absl::StrCat("address family ", family,
                               " is unknown here; use IPv4, IPv6 or unix"));
  }
  if (fcntl(fd.get(), F_SETFL, status_flags | O_NONBLOCK) != 0 ||
      fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return refuse("it cannot be made non-blocking");
  }
  return Socket(std::move(fd));
}

Socket::Accepted Socket::Accept() {
  sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  auto* native = reinterpret_cast<sockaddr*>(&storage);
  UniqueFd fd(CurrentSocketCalls().Accept4(fd_.get(), native, &length,
                                           SOCK_NONBLOCK | SOCK_CLOEXEC));
  Accepted accepted;
  if (!fd.valid()) {
    accepted.error = errno;
    return accepted;
  }
  accepted.socket = Socket(std::move(fd));
  auto peer = InetAddress::FromSockaddr(native, length);
  if (peer.ok()) accepted.peer = *std::move(peer);
  return accepted;
}

bool Socket::HasWaiting() const {
  pollfd listener = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
  int ready;
  do {
    ready = CurrentSocketCalls().Poll(&listener, 1, /*timeout=*/0);
  } while (ready < 0 && errno == EINTR);
  return ready == 1;
}

// A filter that keeps nothing of a packet with SYN and without ACK (socket(7),
// SO_ATTACH_FILTER). It is shown packets from their TCP header on (net/ipv4/
// tcp_ipv4.c, tcp_filter()). Unix sockets have connections without packets.
bool Socket::RefuseNew() {
  constexpr uint32_t kFlagsOffset = 13;  // RFC 9293 section 3.1
  constexpr uint32_t kSyn = 0x02, kAck = 0x10;
  constexpr uint32_t kWhole = 0xffff'ffff;
  sock_filter drop_syn[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSyn | kAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, /*then_skip=*/0,
               /*else_skip=*/1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, kWhole),
  };
  const sock_fprog filter = {.len = std::size(drop_syn), .filter = drop_syn};
  return CurrentSocketCalls().Setsockopt(fd_.get(), SOL_SOCKET,
                                         SO_ATTACH_FILTER, &filter,
                                         sizeof(filter)) == 0;
}

IoResult Socket::Read(char* to, size_t bytes) {
  return ToResult(CurrentSocketCalls().Recv(fd_.get(), to, bytes, 0));
}

IoResult Socket::Write(const iovec* slices, int count, bool more) {
  const int flags = more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
  if (count == 1) {  // spares the kernel the copy of a message header
    return ToResult(CurrentSocketCalls().Send(fd_.get(), slices->iov_base,
                                              slices->iov_len, flags));
  }
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(slices);
  message.msg_iovlen = count;
  return ToResult(CurrentSocketCalls().Sendmsg(fd_.get(), &message, flags));
}

IoResult Socket::SendFile(int file, uint64_t offset, size_t bytes) {
  BlockSigpipeInThisThread();
  off_t position = static_cast<off_t>(offset);
  return ToResult(
      CurrentSocketCalls().Sendfile(fd_.get(), file, &position, bytes));
}

Pending Socket::PeekInput() {
  char byte;
  ssize_t n;
  do {
    n = CurrentSocketCalls().Recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return Pending::kBytes;
  if (n == 0) return Pending::kEnd;
  return errno == EAGAIN ? Pending::kNothing : Pending::kError;
}

void Socket::ShutdownWrite() {
  CurrentSocketCalls().Shutdown(fd_.get(), SHUT_WR);
}

void Socket::ResetOnClose() {
  const linger now = {.l_onoff = 1, .l_linger = 0};
  CurrentSocketCalls().Setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now,
                                  sizeof(now));
}

void Socket::SetNoDelay(bool on) {
  SetOption(fd_.get(), IPPROTO_TCP, TCP_NODELAY, on);
}

void Socket::SetKeepAlive(bool on) {
  SetOption(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, on);
}

absl::StatusOr<InetAddress> Socket::LocalAddress() const {
  return AskName(fd_.get(), getsockname);
}

absl::StatusOr<InetAddress> Socket::PeerAddress() const {
  return AskName(fd_.get(), getpeername);
}

bool Socket::reuse_port() const {
  return Option(fd_.get(), SOL_SOCKET, SO_REUSEPORT) > 0;
}

absl::StatusOr<uid_t> Socket::PeerUid() const {
  ucred peer = {};
  socklen_t length = sizeof(peer);
  if (CurrentSocketCalls().Getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &peer,
                                      &length) != 0) {
    return absl::ErrnoToStatus(errno, "cannot tell whose the peer is");
  }
  return peer.uid;
}

int Socket::TakeError() {
  int error = 0;
  socklen_t length = sizeof(error);
  if (CurrentSocketCalls().Getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error,
                                      &length) != 0) {
    return errno;
  }
  return error;
}

}  // namespace rondo
