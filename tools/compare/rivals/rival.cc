#include "tools/compare/rivals/rival.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gflags/gflags.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

DEFINE_string(host, "127.0.0.1", "IPv4 address to listen on");
DEFINE_int32(port, 8080, "TCP port, 0 to 65535; 0 lets the system choose one");
DEFINE_string(protocol, "hello",
              "what to serve: hello (HTTP: \"hello world\", and closes), "
              "keepalive (the same, and does not) or upper (sends back what it "
              "receives, in upper case)");

namespace rondo::rivals {
namespace {

constexpr int kExitBadFlags = 1;
constexpr int kExitBadAddress = 2;
constexpr int kMaxPort = 65'535;

constexpr std::string_view kBlankLine = "\r\n\r\n";
// Byte for byte what //examples/hello says, with --close and without.
constexpr std::string_view kLastHello =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";
constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";

[[noreturn]] void Fail(int code, const std::string& message) {
  fprintf(stderr, "ERROR: %s\n", message.c_str());
  exit(code);
}

// Without a branch, which mixed text would mislead.
char ToUpper(char c) {
  return static_cast<char>(c - (c >= 'a' && c <= 'z') * ('a' - 'A'));
}

Protocol ProtocolFromFlag() {
  if (FLAGS_protocol == "hello") return Protocol::kHello;
  if (FLAGS_protocol == "keepalive") return Protocol::kKeepalive;
  if (FLAGS_protocol == "upper") return Protocol::kUpper;
  Fail(kExitBadFlags, "--protocol=" + FLAGS_protocol +
                          ": allowed is hello, keepalive or upper");
}

}  // namespace

Flags ParseFlags(int argc, char** argv, const char* usage) {
  gflags::SetUsageMessage(usage);
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  if (argc > 1) {
    Fail(kExitBadFlags, std::string(argv[1]) + ": only flags are allowed");
  }
  if (FLAGS_port < 0 || FLAGS_port > kMaxPort) {
    Fail(kExitBadFlags, "--port=" + std::to_string(FLAGS_port) +
                            ": allowed is 0 to " + std::to_string(kMaxPort));
  }
  const Protocol protocol = ProtocolFromFlag();
  signal(SIGPIPE, SIG_IGN);
  for (const int end : {SIGINT, SIGTERM}) signal(end, [](int) { _exit(0); });
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return {FLAGS_host, static_cast<uint16_t>(FLAGS_port), protocol};
}

int Listen(const char* name, const Flags& flags) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(flags.port);
  if (inet_pton(AF_INET, flags.host.c_str(), &address.sin_addr) != 1) {
    Fail(kExitBadFlags, "--host=" + flags.host +
                            ": allowed is an IPv4 address such as 127.0.0.1");
  }
  auto* const native = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Linux hands it down to what is accepted.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (bind(fd, native, size) != 0 || listen(fd, kBacklog) != 0) {
    Fail(kExitBadAddress,
         "cannot listen on " + flags.host + ":" + std::to_string(flags.port) +
             ": " + strerror(errno) +
             "; choose another --port (0: any that is free) or --host");
  }
  getsockname(fd, native, &size);
  printf("%s listening on %s:%d protocol=%s\n", name, flags.host.c_str(),
         ntohs(address.sin_port), FLAGS_protocol.c_str());
  fflush(stdout);
  return fd;
}

std::string_view Conversation::Answer(char* input, size_t bytes) {
  if (protocol_ == Protocol::kHello) return AnswerAndClose({input, bytes});
  if (protocol_ == Protocol::kKeepalive) return AnswerAll({input, bytes});
  for (char* c = input; c != input + bytes; ++c) *c = ToUpper(*c);
  return {input, bytes};
}

// The position after the first blank line in `input`, npos if none ends there.
size_t Conversation::FindBlankLine(std::string_view input) {
  for (size_t i = 0; i < input.size(); ++i) {
    if (matched_ == 0) {
      i = input.find('\r', i);
      if (i == std::string_view::npos) break;
    }
    if (input[i] == kBlankLine[matched_]) {
      ++matched_;
    } else {
      matched_ = input[i] == '\r' ? 1 : 0;
    }
    if (matched_ == kBlankLine.size()) {
      matched_ = 0;
      return i + 1;
    }
  }
  return std::string_view::npos;
}

std::string_view Conversation::AnswerAndClose(std::string_view input) {
  if (next_ != Next::kGoOn) return {};
  const size_t end = FindBlankLine(input);
  if (end == std::string_view::npos) return {};
  next_ = end == input.size() ? Next::kClose : Next::kLinger;
  return kLastHello;
}

std::string_view Conversation::AnswerAll(std::string_view input) {
  size_t end = FindBlankLine(input);
  if (end == input.size()) return kHello;  // the common case
  answers_.clear();
  while (end != std::string_view::npos) {
    answers_.append(kHello);
    input.remove_prefix(end);
    end = FindBlankLine(input);
  }
  return answers_;
}

SpareDescriptor::SpareDescriptor()
    : fd_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

void SpareDescriptor::DropConnection(int listen_fd) {
  close(fd_);
  const int dropped = accept4(listen_fd, nullptr, nullptr, SOCK_CLOEXEC);
  if (dropped >= 0) close(dropped);
  fd_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace rondo::rivals
