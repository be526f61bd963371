// What every server example does around its one idea: says where it listens,
// ends on a signal, and explains why it cannot listen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/ipv6.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

namespace fs = std::filesystem;

// An empty directory for unix sockets, whose paths must be short: the programs
// run in it, and call it ".".
std::string NewDirectory() {
  const testing::TestInfo* const test =
      testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = testing::TempDir() + "/" + test->name();
  fs::remove_all(path);
  fs::create_directories(path);
  return path;
}

Ended CurlUnix(const std::string& directory, const std::string& path) {
  return RunCommand({"curl", "-q", "-sS", "--noproxy", "*", "--unix-socket",
                     path, "http://localhost/"},
                    "", directory);
}

Ended Curl(const std::string& url) {
  return RunCommand({"curl", "-q", "-sS", "-g", "--noproxy", "*", url});
}

void ExpectUnusable(const Ended& ended, const std::string& address,
                    const std::string& remedy) {
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output, IsEmpty());
  EXPECT_THAT(ended.errors,
              AllOf(StartsWith("ERROR: cannot listen on " + address),
                    HasSubstr(remedy)));
}

// --- Every server. -----------------------------------------------------------

class ServerMainTest : public testing::TestWithParam<const char*> {
 protected:
  // Expects that the server ends well by `signal`, with so many connections.
  void ExpectEnds(ExampleServer& server, int signal, int connections) const {
    const Ended& ended = server.Stop(signal);
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
    EXPECT_THAT(ended.errors,
                MatchesRegex(StoppedLine(
                    name_, {.drained = std::to_string(connections)})));
  }

  const std::string name_ = GetParam();
};

std::string ByName(const testing::TestParamInfo<const char*>& info) {
  return info.param;
}

TEST_P(ServerMainTest, SaysAddressThreadsPollerAndPlacement) {
  const ExampleServer server(name_);
  EXPECT_THAT(server.start_line(),
              MatchesRegex(name_ + " listening on 127\\.0\\.0\\.1:[1-9][0-9]* "
                                   "threads=2 poller=epoll "
                                   "placement=round-robin"));
}

TEST_P(ServerMainTest, SaysWhatFlagsChose) {
  const ExampleServer server(name_,
                             {"--host=0.0.0.0", "--threads=3", "--poller=poll",
                              "--placement=least-connections"});
  EXPECT_THAT(server.start_line(),
              MatchesRegex(name_ + " listening on 0\\.0\\.0\\.0:[1-9][0-9]* "
                                   "threads=3 poller=poll "
                                   "placement=least-connections"));
}

TEST_P(ServerMainTest, InterruptEndsItIdle) {
  ExampleServer server(name_);
  ExpectEnds(server, SIGINT, 0);
}

TEST_P(ServerMainTest, TerminateEndsItIdle) {
  ExampleServer server(name_);
  ExpectEnds(server, SIGTERM, 0);
}

TEST_P(ServerMainTest, SecondSignalDoesNoHarm) {
  ExampleServer server(name_, {"--threads=8"});
  server.process().Signal(SIGINT);
  server.process().Signal(SIGTERM);
  ExpectEnds(server, SIGINT, 0);
}

// They do not hang up, for which it need not wait long.
const std::string kBriefly = "--linger_timeout=50ms";

TEST_P(ServerMainTest, EndsWithOpenConnectionsAndClosesThem) {
  ExampleServer server(name_, {kBriefly});
  constexpr int kClients = 50;
  std::vector<ClientSocket> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(server.port());
  }
  ExpectEnds(server, SIGTERM, kClients);
  for (ClientSocket& client : clients) EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_P(ServerMainTest, EndsAsASingleReactor) {
  ExampleServer server(name_, {"--threads=0", kBriefly});
  ClientSocket client(server.port());
  ExpectEnds(server, SIGINT, 1);
}

INSTANTIATE_TEST_SUITE_P(All, ServerMainTest,
                         testing::Values("hello", "echo", "upper", "offload"),
                         ByName);

// --- The end under load. -----------------------------------------------------

// Clients that ask and are answered until the connection ends.
class Load {
 public:
  Load(uint16_t port, int clients) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back(
          [this, client = ClientSocket(port)]() mutable { Ask(client); });
    }
  }

  void AwaitAnswers(int answers) {
    for (int i = 0; i < answers; ++i) {
      ASSERT_TRUE(
          answers_.try_acquire_for(absl::ToChronoSeconds(Process::kBound)));
    }
  }

 private:
  void Ask(ClientSocket& client) {
    while (client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") &&
           client.ReadLine().starts_with("HTTP/1.1 200") &&
           client.ReadLine().starts_with("Date") &&
           client.ReadLine().starts_with("Content-Type") &&
           client.ReadLine().starts_with("Content-Length") &&
           client.ReadLine() == "\r" && client.ReadLine() == "hello world") {
      answers_.release();
    }
  }

  std::counting_semaphore<> answers_{0};
  std::vector<std::jthread> threads_;  // last: they use the rest
};

// Whether a signal was sent to the process and has not been taken yet: proc(5),
// status.
bool HasPending(pid_t pid, int signal) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word && word != "ShdPnd:") {
  }
  uint64_t pending = 0;
  status >> std::hex >> pending;
  return (pending >> (signal - 1) & 1) != 0;
}

void ExpectEndsUnderLoad(int signal, const Flags& flags) {
  ExampleServer server("hello", flags);
  constexpr int kClients = 8;
  Load load(server.port(), kClients);
  load.AwaitAnswers(500);
  const Ended& ended = server.Stop(signal);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              MatchesRegex(
                  StoppedLine("hello", {.drained = std::to_string(kClients)})));
}

TEST(SignalTest, InterruptUnderLoadEndsWell) {
  ExpectEndsUnderLoad(SIGINT, {});
}

TEST(SignalTest, TerminateUnderLoadEndsWell) {
  ExpectEndsUnderLoad(SIGTERM, {"--threads=4", "--poller=poll"});
}

TEST(SignalTest, TerminateUnderLoadEndsASingleReactor) {
  ExpectEndsUnderLoad(SIGTERM, {"--threads=0"});
}

TEST(SignalTest, TerminateUnderLoadEndsListenersOfEachLoop) {
  ExpectEndsUnderLoad(SIGTERM, {"--placement=reuseport"});
}

// It is for the log file, see drain_test; without one there is nothing to do.
TEST(SignalTest, HangUpDoesNotEndIt) {
  ExampleServer server("hello");
  const pid_t pid = server.process().pid();
  server.process().Signal(SIGHUP);
  // It is read by the loop that has the signals, and then answers others.
  EXPECT_TRUE(Eventually([pid] { return !HasPending(pid, SIGHUP); }));
  EXPECT_EQ(Curl(server.url()).output, "hello world\n");
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, MatchesRegex(StoppedLine("hello")));
}

// --- Addresses. --------------------------------------------------------------

TEST(AddressTest, ServesOnIpv6) {
  if (!HasIpv6()) GTEST_SKIP() << kNoIpv6;
  const ExampleServer server("hello", {"--host=::1"});
  EXPECT_THAT(server.address(), MatchesRegex("\\[::1\\]:[1-9][0-9]*"));
  EXPECT_EQ(Curl(server.url()).output, "hello world\n");
}

TEST(AddressTest, ServesOnAllAddresses) {
  const ExampleServer server("hello", {"--host=0.0.0.0"});
  EXPECT_EQ(Curl("http://127.0.0.1:" + server.port_text()).output,
            "hello world\n");
}

TEST(AddressTest, TakenPortNamesItAndARemedy) {
  const ExampleServer first("echo");
  for (const char* name : {"hello", "echo", "upper", "offload"}) {
    const Ended second = RunExample(name, {"--port=" + first.port_text()});
    ExpectUnusable(second, first.address(), "choose another port");
    EXPECT_THAT(second.errors, HasSubstr("in use"));
  }
}

TEST(AddressTest, TakenPortIsNotSharedWithReuseport) {
  const ExampleServer first("echo");
  ExpectUnusable(RunExample("echo", {"--port=" + first.port_text(),
                                     "--placement=reuseport"}),
                 first.address(), "choose another port");
}

TEST(AddressTest, PortIsFreeAgainAfterTheEnd) {
  ExampleServer first("hello", {"--close"});  // whose sockets linger
  EXPECT_EQ(Curl(first.url()).output, "hello world\n");
  first.Stop();
  const ExampleServer second("hello", {"--port=" + first.port_text()});
  EXPECT_EQ(second.address(), first.address());
  EXPECT_EQ(Curl(second.url()).output, "hello world\n");
}

// 192.0.2.0/24 is for documentation: no machine has it (RFC 5737).
TEST(AddressTest, AddressOfNoMachineNamesItAndARemedy) {
  for (const char* name : {"hello", "offload"}) {
    ExpectUnusable(RunExample(name, {"--host=192.0.2.1", "--port=0"}),
                   "192.0.2.1:0", "use one of its own");
  }
}

TEST(ResourcesTest, TooFewDescriptorsForTheThreadsEndItWithoutAbort) {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  GTEST_SKIP() << "UBSan's check of vptrs needs descriptors of its own";
#endif
  const std::string hello = Example("hello", {}).argv[0];
  const Ended ended = RunCommand(
      {"sh", "-c", "ulimit -n 40 && exec \"$0\" --port=0 --threads=64", hello});
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output, IsEmpty());
  EXPECT_THAT(ended.errors,
              AllOf(StartsWith("ERROR: "), HasSubstr("Too many open files")));
}

// --- Unix sockets. -----------------------------------------------------------

TEST(UnixSocketTest, ServesCurlAndRemovesItsFile) {
  const std::string directory = NewDirectory();
  ExampleServer server("hello", {"--host=unix:socket"}, directory);
  EXPECT_THAT(server.start_line(),
              StartsWith("hello listening on unix:socket threads=2 "));
  const Ended curl = CurlUnix(directory, "socket");
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "hello world\n");
  server.Stop();
  EXPECT_FALSE(fs::exists(directory + "/socket"));
}

TEST(UnixSocketTest, ReplacesWhatAKilledServerLeft) {
  const std::string directory = NewDirectory();
  ExampleServer killed("hello", {"--host=unix:socket"}, directory);
  killed.Stop(SIGKILL);
  EXPECT_TRUE(fs::exists(directory + "/socket"));
  const ExampleServer server("hello", {"--host=unix:socket"}, directory);
  EXPECT_EQ(CurlUnix(directory, "socket").output, "hello world\n");
}

TEST(UnixSocketTest, TakenPathNamesItAndServesOn) {
  const std::string directory = NewDirectory();
  const ExampleServer first("hello", {"--host=unix:socket"}, directory);
  ExpectUnusable(RunExample("hello", {"--host=unix:socket"}, directory),
                 "unix:socket", "stop that one");
  EXPECT_EQ(CurlUnix(directory, "socket").output, "hello world\n");
}

TEST(UnixSocketTest, AnotherFileIsRefusedAndKept) {
  const std::string directory = NewDirectory();
  std::ofstream(directory + "/letter") << "dear";
  ExpectUnusable(RunExample("hello", {"--host=unix:letter"}, directory),
                 "unix:letter", "choose another");
  std::string word;
  std::ifstream(directory + "/letter") >> word;
  EXPECT_EQ(word, "dear");
}

TEST(UnixSocketTest, MissingFolderIsNamed) {
  ExpectUnusable(
      RunExample("hello", {"--host=unix:none/socket"}, NewDirectory()),
      "unix:none/socket", "create it");
}

TEST(UnixSocketTest, NoPathIsRefused) {
  ExpectUnusable(RunExample("hello", {"--host=unix:"}),
                 "unix:", "write unix:/path");
}

TEST(UnixSocketTest, HasNoReuseport) {
  const Ended ended = RunExample(
      "hello", {"--host=unix:socket", "--placement=reuseport"}, NewDirectory());
  EXPECT_EQ(ended.exit_code, 2) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              AllOf(HasSubstr("unix:socket"), HasSubstr("use round-robin")));
}

}  // namespace
}  // namespace rondo
