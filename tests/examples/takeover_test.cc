// Servers that are replaced while they serve: nobody notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "net/tcp/takeover_request.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/echo_clients.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/examples/wrk.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

std::string Echo(uint16_t port, const std::string& bytes) {
  ClientSocket client(port);
  client.Send(bytes);
  return client.Read(bytes.size());
}

// The server at one port, whose process can be replaced.
class Replaced {
 public:
  Replaced(std::string name, Flags flags)
      : name_(std::move(name)), flags_(std::move(flags)) {
    const testing::TestInfo* const test =
        testing::UnitTest::GetInstance()->current_test_info();
    directory_ = testing::TempDir() + "/" + test->name();
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    // Relative, as paths of unix sockets must be short.
    flags_.push_back("--takeover=control");
    server_ = std::make_unique<ExampleServer>(name_, flags_, directory_);
    flags_.push_back("--port=" + server_->port_text());
  }

  ExampleServer& server() { return *server_; }
  const std::string& directory() const { return directory_; }
  const Flags& flags() const { return flags_; }  // of the next process

  // Starts the next process and waits for the end of this one.
  Ended TakeOver() {
    auto next = std::make_unique<ExampleServer>(name_, flags_, directory_);
    Ended ended = server_->process().Wait();
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
    EXPECT_THAT(ended.errors, HasSubstr("a new process has taken over"));
    EXPECT_THAT(ended.errors, HasSubstr(" 0 forced"));
    server_ = std::move(next);
    return ended;
  }

 private:
  const std::string name_;
  Flags flags_;
  std::string directory_;
  std::unique_ptr<ExampleServer> server_;
};

void ExpectTakeoversUnnoticed(int times, const Flags& flags) {
  constexpr int kClients = 32;
  Replaced replaced("echo", flags);
  EchoClients clients({.port = replaced.server().port(),
                       .clients = kClients,
                       .reconnect = true});
  for (int i = 0; i < times; ++i) {
    clients.AwaitReplies(10 * kClients + 7 * i);
    replaced.TakeOver();
  }
  clients.AwaitReplies(10 * kClients);
  const EchoOutcome outcome = clients.Finish();
  EXPECT_EQ(outcome.Faults(), "") << "of " << outcome.replies << " replies";
  // Those that the last process served hung up themselves. One that waits to be
  // accepted all the while is served by the next process only.
  EXPECT_LE(outcome.ended, uint64_t{kClients} * times);
  EXPECT_GE(outcome.ended, uint64_t{kClients} * times / 2);
}

TEST(TakeoverTest, TwentyInARowAreNotNoticed) {
  ExpectTakeoversUnnoticed(20, {});
}

TEST(TakeoverTest, ListenersOfEachLoopAreNotNoticed) {
  ExpectTakeoversUnnoticed(20, {"--placement=reuseport", "--threads=3"});
}

TEST(TakeoverTest, SingleReactorsAreNotNoticed) {
  ExpectTakeoversUnnoticed(5, {"--threads=0"});
}

TEST(TakeoverTest, WrkSeesNoError) {
  constexpr int kConnections = 16;
  Replaced replaced("hello", {});
  const size_t idle = CountDescriptors(replaced.server().process().pid());
  Wrk wrk(replaced.server().url(), kConnections);
  for (int i = 0; i < 20; ++i) {
    const pid_t pid = replaced.server().process().pid();
    ASSERT_TRUE(Eventually(
        [&] { return CountDescriptors(pid) >= idle + kConnections; }));
    replaced.TakeOver();
  }
  const Wrk::Result result = wrk.Finish();
  EXPECT_GT(result.requests, 0);
  EXPECT_EQ(result.errors(), 0) << result.output;
}

// Connections that nobody has accepted yet are the new process's.
TEST(TakeoverTest, WaitingConnectionsAreServed) {
  Replaced replaced("echo", {"--max_connections=1", "--over_connections=wait"});
  const uint16_t port = replaced.server().port();
  ClientSocket first(port);
  ASSERT_TRUE(first.Send("1"));
  EXPECT_EQ(first.Read(1), "1");
  ClientSocket second(port);
  ASSERT_TRUE(second.Send("2"));
  replaced.TakeOver();
  EXPECT_EQ(second.Read(1), "2");
  EXPECT_EQ(first.ReadToEnd(), "");
}

TEST(TakeoverTest, ProcessThatCannotStartLeavesTheOldOneServing) {
  Replaced replaced("echo", {});
  const uint16_t port = replaced.server().port();
  Flags flags = replaced.flags();
  const ExampleServer other("echo");
  flags.push_back("--port=" + other.port_text());  // of two, the last counts
  const Ended ended = RunExample("echo", flags, replaced.directory());
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, StartsWith("ERROR: "));
  EXPECT_EQ(Echo(port, "still there"), "still there");
  replaced.TakeOver();
  EXPECT_EQ(Echo(port, "here"), "here");
}

// Whether it sleeps and has a socket: the first one that a new process makes is
// that on which it asks the old one, for whose answer it then waits.
bool AwaitsAnswer(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  std::string text;
  std::getline(std::ifstream(proc + "/stat"), text);
  if (text.find(") S ") == std::string::npos) return false;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(proc + "/fd", error)) {
    const std::string target = fs::read_symlink(entry, error).string();
    if (target.starts_with("socket:")) return true;
  }
  return false;
}

// SIGKILL comes while it waits for what the old process, which is stopped,
// would answer: it has asked, and cannot confirm.
TEST(TakeoverTest, ProcessThatIsKilledLeavesTheOldOneServing) {
  Replaced replaced("echo", {});
  ExampleServer& old = replaced.server();
  for (int i = 0; i < 5; ++i) {
    old.process().Signal(SIGSTOP);
    Process next(Example("echo", replaced.flags(), replaced.directory()));
    EXPECT_TRUE(Eventually([&] { return AwaitsAnswer(next.pid()); }));
    next.Signal(SIGKILL);
    EXPECT_EQ(next.Wait().signal, SIGKILL);
    old.process().Signal(SIGCONT);
    EXPECT_EQ(Echo(old.port(), "still there"), "still there");
  }
  const Ended ended = replaced.TakeOver();
  EXPECT_THAT(ended.errors, HasSubstr("a new process got no sockets"));
  EXPECT_EQ(Echo(replaced.server().port(), "here"), "here");
}

// A script that starts the new one and then ends the old one itself.
TEST(TakeoverTest, SigtermAfterwardsDoesNotCutTheOldOneShort) {
  Replaced replaced("offload", {});
  ClientSocket client(replaced.server().port());
  ASSERT_TRUE(client.Send("20000000\nping\n"));
  EXPECT_EQ(client.ReadLine(), "pong");  // so the work has begun
  const ExampleServer next("offload", replaced.flags(), replaced.directory());
  Process& old = replaced.server().process();
  old.Signal(SIGTERM);
  EXPECT_EQ(client.ReadToEnd(), "1270607 primes below 20000000\n");
  EXPECT_EQ(old.Wait().exit_code, 0);
}

// The test is the new process, which has the sockets and has not confirmed.
TEST(TakeoverTest, SigtermBeforeItIsConfirmedLeavesAllToTheNewOne) {
  const std::string directory = testing::TempDir() + "/unconfirmed";
  fs::remove_all(directory);
  fs::create_directories(directory);
  ExampleServer old("echo", {"--host=unix:server", "--takeover=control"},
                    directory);
  const fs::path before = fs::current_path();
  fs::current_path(directory);
  auto request = TakeoverRequest::Send("control", absl::Minutes(1));
  ASSERT_TRUE(request.ok()) << request.status();
  const Ended& ended = old.Stop(SIGTERM);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_TRUE(request->Confirm().ok());
  EXPECT_TRUE(fs::exists("control"));
  EXPECT_TRUE(fs::exists("server"));
  EXPECT_EQ(request->TakeListeners().size(), 1);
  fs::current_path(before);
}

// --- Sockets of a service manager. -------------------------------------------

// A socket that listens on 127.0.0.1.
class ListeningSocket {
 public:
  ListeningSocket() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {  // inherited
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof(address);
    EXPECT_EQ(bind(fd_.get(), any, length), 0);
    EXPECT_EQ(listen(fd_.get(), /*backlog=*/128), 0);
    EXPECT_EQ(getsockname(fd_.get(), any, &length), 0);
    port_ = ntohs(address.sin_port);
  }

  int fd() const { return fd_.get(); }
  uint16_t port() const { return port_; }

 private:
  UniqueFd fd_;
  uint16_t port_ = 0;
};

// As a service manager starts it: see sd_listen_fds(3).
Process::Options Activated(int listening_fd, Flags flags, int announced = 1) {
  Process::Options options = Example("echo", std::move(flags));
  const std::string fd = std::to_string(listening_fd);
  const std::string script =
      "exec 3<&" + fd + (fd == "3" ? "" : " " + fd + "<&-") +
      "; LISTEN_PID=$$ LISTEN_FDS=" + std::to_string(announced) +
      " exec \"$0\" \"$@\"";
  options.argv.insert(options.argv.begin(), {"bash", "-c", script});
  return options;
}

TEST(SocketActivationTest, ServesOnTheSocketThatItInherits) {
  const ListeningSocket listening;
  ClientSocket early(listening.port());  // before there is a server
  ASSERT_TRUE(early.Send("early"));
  const std::string port = std::to_string(listening.port());
  Process server(Activated(listening.fd(), {"--port=1"}));
  EXPECT_THAT(server.ReadLine(),
              StartsWith("echo listening on 127.0.0.1:" + port + " "));
  EXPECT_EQ(early.Read(5), "early");
  early.Close();
  EXPECT_EQ(Echo(listening.port(), "late"), "late");
  server.Signal(SIGTERM);
  const Ended& ended = server.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
}

TEST(SocketActivationTest, SocketOutlivesTheServer) {
  const ListeningSocket listening;
  const std::string port = std::to_string(listening.port());
  for (const char* bytes : {"one", "two", "three"}) {
    ClientSocket waiting(listening.port());  // until the next server comes
    ASSERT_TRUE(waiting.Send(bytes));
    Process server(Activated(listening.fd(), {"--port=1"}));
    EXPECT_EQ(waiting.Read(std::string(bytes).size()), bytes);
    waiting.Close();
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait().exit_code, 0);
  }
}

TEST(SocketActivationTest, EachLoopListens) {
  const ListeningSocket listening;
  const std::string port = std::to_string(listening.port());
  Process server(
      Activated(listening.fd(),
                {"--port=" + port, "--placement=reuseport", "--threads=1"}));
  EXPECT_THAT(server.ReadLine(),
              StartsWith("echo listening on 127.0.0.1:" + port + " "));
  EXPECT_EQ(Echo(listening.port(), "bytes"), "bytes");
  server.Signal(SIGTERM);
  const Ended& ended = server.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
}

TEST(SocketActivationTest, MoreAnnouncedThanPassedIsAnError) {
  const ListeningSocket listening;
  Process server(Activated(listening.fd(), {}, /*announced=*/1'000));
  const Ended& ended = server.Wait();
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, StartsWith("ERROR: LISTEN_FDS=1000: "));
}

// The service manager listens on, for the next server.
TEST(SocketActivationTest, FileOfAUnixSocketOutlivesTheServer) {
  // TempDir() is too long for the address of a unix socket.
  char directory[] = "/tmp/activated-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/socket";
  const UniqueFd listening(socket(AF_UNIX, SOCK_STREAM, 0));  // inherited
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(listening.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0);
  ASSERT_EQ(listen(listening.get(), /*backlog=*/16), 0);
  for (int i = 0; i < 2; ++i) {
    Process server(Activated(listening.get(), {}));
    EXPECT_THAT(server.ReadLine(), HasSubstr("unix:"));
    EXPECT_EQ(RunCommand({"nc", "-N", "-U", path}, "hi\n").output, "hi\n");
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait().exit_code, 0);
    EXPECT_TRUE(fs::exists(path));
  }
  fs::remove_all(directory);
}

}  // namespace
}  // namespace rondo
