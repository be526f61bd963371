// The yardstick: the smallest correct epoll server, with no library at all.
//
// One thread, level-triggered epoll, plain read(2) and write(2). What Rondo
// costs is said as a ratio to what this program costs for the same requests
// (tools/bench/ratios.py), so it must be as fast as a simple program honestly
// gets: in the common case one read and one write per message and nothing else
// but a share of one epoll_wait.
//
//   bazel run -c opt //tools/bench:bare_epoll -- --mode=hello --port=8080
//   curl http://127.0.0.1:8080/          # hello world
//
// Modes: echo (send back what came), upper (the same in upper case), hello (one
// HTTP/1.1 reply per blank line, however the bytes are split or pipelined),
// close (one such reply, then close).
//
// Expect one line on standard output, `listening on 127.0.0.1:8080`; SIGINT and
// SIGTERM end it with code 0. A wrong flag ends it with code 1, an unusable
// address with code 2.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gflags/gflags.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

DEFINE_string(mode, "echo", "What to serve: echo, upper, hello or close.");
DEFINE_string(host, "127.0.0.1", "IPv4 address to listen on.");
DEFINE_int32(port, 0, "TCP port to listen on, 0 to 65535; 0 takes any.");

namespace {

constexpr int kBacklog = 4096;
constexpr int kMaxEvents = 1024;
constexpr size_t kReadBytes = 64 * 1024;
constexpr std::string_view kBlankLine = "\r\n\r\n";
constexpr std::string_view kHelloReply =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";
constexpr std::string_view kHelloAndCloseReply =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\nConnection: close\r\n\r\nhello world\n";

enum class Mode { kEcho, kUpper, kHello, kClose };

[[noreturn]] void Die(int code, const std::string& message) {
  fprintf(stderr, "bare_epoll: %s\n", message.c_str());
  exit(code);
}

[[noreturn]] void DieOfErrno(const std::string& what) {
  Die(2, what + ": " + strerror(errno));
}

// What a connection has left over between two events. An echo connection whose
// peer keeps up never looks at it.
struct Connection {
  std::string unsent;       // Output the socket did not take, and how much of
  size_t unsent_start = 0;  // it has gone since.
  uint8_t matched = 0;      // How much of kBlankLine the input ends with.
  bool closing = false;     // Close when `unsent` has gone.
  bool linger = false;      // More input followed the last request: see End().
  bool draining = false;    // Only waiting for the peer's end.
};

class Server {
 public:
  Server(Mode mode, int listen_fd, int signal_fd);

  // Serves until SIGINT or SIGTERM.
  void Run();

 private:
  void Watch(int op, int fd, uint32_t events);
  void Accept();
  void RefuseOne();
  void OnReadable(int fd);
  void OnWritable(int fd);
  void Answer(int fd, std::string_view input);
  void AnswerAndClose(int fd, std::string_view input);
  void Send(int fd, std::string_view bytes);
  void End(int fd);
  void Close(int fd);

  const Mode mode_;
  const int listen_fd_;
  const int signal_fd_;
  const int epoll_fd_;
  // Given up to accept and drop a connection when descriptors run out: left
  // in the queue it would wake a level-triggered loop for ever.
  int spare_fd_;
  std::vector<Connection> connections_;  // By descriptor.
  std::string replies_;
  char buffer_[kReadBytes];
};

Server::Server(Mode mode, int listen_fd, int signal_fd)
    : mode_(mode),
      listen_fd_(listen_fd),
      signal_fd_(signal_fd),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      spare_fd_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  if (epoll_fd_ < 0 || spare_fd_ < 0) DieOfErrno("cannot set up");
  Watch(EPOLL_CTL_ADD, listen_fd_, EPOLLIN);
  Watch(EPOLL_CTL_ADD, signal_fd_, EPOLLIN);
}

void Server::Run() {
  epoll_event events[kMaxEvents];
  for (;;) {
    const int ready = epoll_wait(epoll_fd_, events, kMaxEvents, -1);
    if (ready < 0 && errno != EINTR) DieOfErrno("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == signal_fd_) return;
      if (fd == listen_fd_) {
        Accept();
      } else if (events[i].events & EPOLLOUT) {
        OnWritable(fd);
      } else {
        OnReadable(fd);
      }
    }
  }
}

void Server::Watch(int op, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_fd_, op, fd, &event) != 0) DieOfErrno("epoll_ctl");
}

// One accept per event: a loop to EAGAIN would pay a call in vain each time.
void Server::Accept() {
  const int fd =
      accept4(listen_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE) RefuseOne();
    return;  // The peer is gone already, or a shortage that will pass.
  }
  const size_t index = static_cast<size_t>(fd);
  if (connections_.size() <= index) connections_.resize(2 * index + 1);
  Watch(EPOLL_CTL_ADD, fd, EPOLLIN);
}

void Server::RefuseOne() {
  close(spare_fd_);
  close(accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC));
  spare_fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

char ToUpper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

void Server::OnReadable(int fd) {
  const ssize_t n = read(fd, buffer_, kReadBytes);
  if (n <= 0) {
    // At the end of input nothing is unsent: see Send().
    if (n == 0 || errno != EAGAIN) Close(fd);
    return;
  }
  const std::string_view input(buffer_, static_cast<size_t>(n));
  switch (mode_) {
    case Mode::kEcho:
      return Send(fd, input);
    case Mode::kUpper:
      std::transform(input.begin(), input.end(), buffer_, ToUpper);
      return Send(fd, input);
    case Mode::kHello:
      return Answer(fd, input);
    case Mode::kClose:
      return AnswerAndClose(fd, input);
  }
}

// Returns the position after the first blank line in `input`, npos if none
// ends in it. `matched` carries a line cut in two from one call to the next.
size_t FindBlankLine(std::string_view input, uint8_t* matched) {
  for (size_t i = 0; i < input.size(); ++i) {
    if (*matched == 0) {
      i = input.find('\r', i);
      if (i == std::string_view::npos) break;
    }
    if (input[i] == kBlankLine[*matched]) {
      ++*matched;
    } else {
      *matched = input[i] == '\r' ? 1 : 0;
    }
    if (*matched == kBlankLine.size()) {
      *matched = 0;
      return i + 1;
    }
  }
  return std::string_view::npos;
}

void Server::Answer(int fd, std::string_view input) {
  uint8_t* matched = &connections_[static_cast<size_t>(fd)].matched;
  size_t end = FindBlankLine(input, matched);
  if (end == input.size()) return Send(fd, kHelloReply);  // The common case.
  replies_.clear();
  while (end != std::string_view::npos) {
    replies_.append(kHelloReply);
    input.remove_prefix(end);
    end = FindBlankLine(input, matched);
  }
  if (!replies_.empty()) Send(fd, replies_);
}

void Server::AnswerAndClose(int fd, std::string_view input) {
  Connection& connection = connections_[static_cast<size_t>(fd)];
  if (connection.draining) return;
  const size_t end = FindBlankLine(input, &connection.matched);
  if (end == std::string_view::npos) return;
  connection.closing = true;
  connection.linger = end != input.size();
  Send(fd, kHelloAndCloseReply);
}

// Writes `bytes`; what the socket does not take is kept, and nothing more is
// read from this peer until it has gone. So memory stays bounded, and output
// stays in order.
void Server::Send(int fd, std::string_view bytes) {
  const ssize_t n = write(fd, bytes.data(), bytes.size());
  if (n < 0 && errno != EAGAIN) return Close(fd);
  const size_t sent = n < 0 ? 0 : static_cast<size_t>(n);
  if (sent == bytes.size()) {
    if (mode_ == Mode::kClose) End(fd);
    return;
  }
  connections_[static_cast<size_t>(fd)].unsent = bytes.substr(sent);
  Watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

void Server::OnWritable(int fd) {
  Connection& connection = connections_[static_cast<size_t>(fd)];
  const std::string& unsent = connection.unsent;
  const ssize_t n = write(fd, unsent.data() + connection.unsent_start,
                          unsent.size() - connection.unsent_start);
  if (n < 0 && errno != EAGAIN) return Close(fd);
  if (n > 0) connection.unsent_start += static_cast<size_t>(n);
  if (connection.unsent_start < unsent.size()) return;
  connection.unsent = std::string();
  connection.unsent_start = 0;
  if (connection.closing) return End(fd);
  Watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

// Ends a connection whose reply has been written. Where input followed the
// request there may be more on its way, and a close would answer it by a reset
// that can destroy the reply (RFC 9112, 9.6): wait for the peer's end instead.
void Server::End(int fd) {
  Connection& connection = connections_[static_cast<size_t>(fd)];
  if (!connection.linger) return Close(fd);
  shutdown(fd, SHUT_WR);
  connection.draining = true;
  Watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

// The kernel takes a closed descriptor off the epoll set by itself.
void Server::Close(int fd) {
  connections_[static_cast<size_t>(fd)] = Connection();
  close(fd);
}

Mode ParseMode(const std::string& text) {
  if (text == "echo") return Mode::kEcho;
  if (text == "upper") return Mode::kUpper;
  if (text == "hello") return Mode::kHello;
  if (text == "close") return Mode::kClose;
  Die(1, "--mode=" + text + ": must be echo, upper, hello or close");
}

sockaddr_in ParseAddress(const std::string& host, int port) {
  if (port < 0 || port > 65535) {
    Die(1, "--port=" + std::to_string(port) + ": must be from 0 to 65535");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    Die(1, "--host=" + host + ": must be an IPv4 address such as 127.0.0.1");
  }
  return address;
}

// TCP_NODELAY on the listener holds for what it accepts: Linux hands it down.
int Listen(const sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) DieOfErrno("socket");
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const std::string name = FLAGS_host + ":" + std::to_string(FLAGS_port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
          0 ||
      listen(fd, kBacklog) != 0) {
    DieOfErrno("cannot listen on " + name);
  }
  return fd;
}

void PrintAddress(int listen_fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(listen_fd, reinterpret_cast<sockaddr*>(&address), &size);
  printf("listening on %s:%d\n", FLAGS_host.c_str(), ntohs(address.sin_port));
  fflush(stdout);
}

// Signals arrive as a descriptor, so that the loop needs no mask and no check.
int BlockStopSignals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  gflags::SetUsageMessage("bare epoll server: echo, upper, hello or close");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  if (argc > 1) Die(1, std::string(argv[1]) + ": only flags are allowed");
  const Mode mode = ParseMode(FLAGS_mode);
  const sockaddr_in address = ParseAddress(FLAGS_host, FLAGS_port);
  RaiseDescriptorLimit();
  const int signal_fd = BlockStopSignals();
  const int listen_fd = Listen(address);
  PrintAddress(listen_fd);
  Server server(mode, listen_fd, signal_fd);
  server.Run();
  return 0;
}
