#include "examples/designs/listener.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace rondo::examples {
namespace {

constexpr int kBacklog = 4'096;  // the kernel caps it at net.core.somaxconn
constexpr absl::Duration kMoment = absl::Milliseconds(10);

std::string HostAndPort(std::string_view host, std::string_view port) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return absl::StrCat(ipv6 ? "[" : "", std::string(host), ipv6 ? "]:" : ":",
                      std::string(port));
}

std::string_view Remedy(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another socket has it: stop that one, or choose another port";
    case EACCES:
      return "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose "
             "another";
    case EADDRNOTAVAIL:
      return "this machine has no such address: use one of its own, or 0.0.0.0";
    case EMFILE:
      return "too many open files: raise `ulimit -n`";
    default:
      return "check the address";
  }
}

// Null if `host` is no address in numbers.
addrinfo* Find(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (host.empty()) return nullptr;  // which would mean any
  return getaddrinfo(host.c_str(), port.c_str(), &hints, &found) == 0 ? found
                                                                      : nullptr;
}

// A listening socket, or errno. TCP_NODELAY is handed down to what it accepts.
UniqueFd Listen(const addrinfo& address, int flags) {
  UniqueFd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd.valid()) return fd;
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      listen(fd.get(), kBacklog) == 0) {
    return fd;
  }
  return UniqueFd();
}

// Whether accept(2) failed for want of something of this machine's.
bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS ||
         error == ENOMEM;
}

UniqueFd OpenSpare() { return UniqueFd(open("/dev/null", O_CLOEXEC)); }

}  // namespace

bool IsAddress(const std::string& host) {
  addrinfo* const found = Find(host, "0");
  if (found != nullptr) freeaddrinfo(found);
  return found != nullptr;
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Create(
    const Options& options) {
  const std::string port = absl::StrCat(options.port);
  addrinfo* const address = Find(options.host, port);
  CHECK(address != nullptr) << options.host;
  UniqueFd fd = Listen(*address, options.blocking ? 0 : SOCK_NONBLOCK);
  UniqueFd spare = fd.valid() ? OpenSpare() : UniqueFd();
  const int error = errno;
  freeaddrinfo(address);
  if (!spare.valid()) {
    return absl::ErrnoToStatus(
        error,
        absl::StrCat("cannot listen on ", HostAndPort(options.host, port), " (",
                     std::string(Remedy(error)), ")"));
  }
  return std::unique_ptr<Listener>(
      new Listener(std::move(fd), std::move(spare), options));
}

Listener::Listener(UniqueFd fd, UniqueFd spare, const Options& options)
    : fd_(std::move(fd)),
      protocol_(options.protocol),
      accept_flags_(SOCK_CLOEXEC | (options.blocking ? 0 : SOCK_NONBLOCK)),
      spare_(std::move(spare)) {}

std::string Listener::address() const {
  sockaddr_storage storage;
  auto* const native = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof(storage);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  PCHECK(getsockname(fd(), native, &length) == 0);
  CHECK_EQ(getnameinfo(native, length, host, sizeof(host), port, sizeof(port),
                       NI_NUMERICHOST | NI_NUMERICSERV),
           0);
  return HostAndPort(host, port);
}

std::unique_ptr<Connection> Listener::Accept() {
  MutexLock lock(&mu_);  // so that nobody takes what RefuseOne() gives up
  UniqueFd accepted = TryAccept();
  if (!accepted.valid() && IsShortage(errno) && AwaitPeer()) {
    accepted = TryAccept();  // one may be free by now
    if (!accepted.valid() && IsShortage(errno)) RefuseOne();
  }
  if (!accepted.valid()) return nullptr;  // nobody, or one that has gone
  ++accepted_;
  return std::make_unique<Connection>(std::move(accepted), protocol_());
}

UniqueFd Listener::TryAccept() const {
  return UniqueFd(accept4(fd(), nullptr, nullptr, accept_flags_));
}

// Without a free descriptor accept(2) fails at once, whether or not there is
// anybody: this tells, and waits where accept(2) would have.
bool Listener::AwaitPeer() const {
  pollfd waiting = {.fd = fd(), .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, (accept_flags_ & SOCK_NONBLOCK) ? 0 : -1) > 0;
}

void Listener::Refuse(std::unique_ptr<Connection> connection,
                      std::string_view why) {
  connection.reset();
  CountRefusal(why);
}

void Listener::RefuseOne() {
  spare_.Reset();
  UniqueFd accepted = TryAccept();
  if (accepted.valid()) {
    ++accepted_;
    CountRefusal("no descriptor is free; raise `ulimit -n`");
  } else if (errno != EAGAIN) {
    absl::SleepFor(kMoment);  // there is no remedy but not to spin
  }
  accepted.Reset();
  spare_ = OpenSpare();
}

void Listener::CountRefusal(std::string_view why) {
  if (refused_++ > 0) return;
  LOG(WARNING) << "connection refused: " << why
               << " (more of them are only counted)";
}

}  // namespace rondo::examples
