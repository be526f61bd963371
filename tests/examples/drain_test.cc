// How servers end under load: nobody who has asked goes without the reply.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/echo_clients.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/examples/wrk.h"

namespace rondo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

namespace fs = std::filesystem;

std::string NewDirectory() {
  const testing::TestInfo* const test =
      testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = testing::TempDir() + "/" + test->name();
  fs::remove_all(path);
  fs::create_directories(path);
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Ends a server that echoes under load, `times` times.
void ExpectNoReplyLost(int times, const Flags& flags,
                       const std::string& example = "echo") {
  constexpr int kClients = 32;
  for (int i = 0; i < times; ++i) {
    ExampleServer server(example, flags);
    EchoClients clients({.port = server.port(), .clients = kClients});
    clients.AwaitReplies(10 * kClients + 7 * i);
    const Ended& ended = server.Stop(SIGTERM);
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
    EXPECT_THAT(ended.errors,
                MatchesRegex(StoppedLine(
                    example, {.drained = std::to_string(kClients)})));
    const EchoOutcome outcome = clients.AwaitEnds();
    EXPECT_EQ(outcome.Faults(), "") << "of " << outcome.replies << " replies";
    EXPECT_EQ(outcome.ended, kClients);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(DrainTest, FiftyTerminationsUnderLoadLoseNoReply) {
  ExpectNoReplyLost(50, {});
}

TEST(DrainTest, SingleReactorLosesNoReply) {
  ExpectNoReplyLost(10, {"--threads=0"});
}

TEST(DrainTest, ListenersOfEachLoopLoseNoReply) {
  ExpectNoReplyLost(10, {"--placement=reuseport", "--threads=3"});
}

TEST(DrainTest, CoroutinesLoseNoReply) {
  ExpectNoReplyLost(50, {}, "upper_coro");
}

TEST(DrainTest, PollLosesNoReply) { ExpectNoReplyLost(10, {"--poller=poll"}); }

TEST(DrainTest, RunningWorkIsAnsweredBeforeTheEnd) {
  ExampleServer server("offload");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("20000000\nping\n"));
  EXPECT_EQ(client.ReadLine(), "pong");  // so the work has begun
  const Ended& ended = server.Stop(SIGTERM);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_EQ(client.ReadToEnd(), "1270607 primes below 20000000\n");
}

bool Refuses(uint16_t port) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) != 0;
}

// The rest may still come, and then there is a reply.
TEST(DrainTest, WaitsForTheRestOfARequestUntilTheDeadline) {
  for (const char* name : {"hello", "offload"}) {
    ExampleServer server(name, {"--drain_timeout=200ms"});
    std::vector<ClientSocket> clients;
    for (int i = 0; i < 50; ++i) {
      clients.emplace_back(server.port());
      ASSERT_TRUE(clients.back().Send("GET"));
    }
    const Ended& ended = server.Stop();
    EXPECT_EQ(ended.exit_code, 3) << testing::PrintToString(ended);
    EXPECT_THAT(ended.errors, MatchesRegex(StoppedLine(
                                  name, {.drained = "0", .forced = "50"})));
  }
}

TEST(DrainTest, AnswersARequestWhoseRestComesMeanwhile) {
  ExampleServer server("hello", {"--drain_timeout=1h"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n"));
  server.process().Signal(SIGTERM);
  // It has begun to drain. Whoever tries may be let in before that.
  EXPECT_TRUE(Eventually([&] { return Refuses(server.port()); }));
  ASSERT_TRUE(client.Send("\r\n"));
  EXPECT_THAT(client.ReadToEnd(), EndsWith("\r\n\r\nhello world\n"));
  client.Close();
  const Ended& ended = server.process().Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              MatchesRegex(StoppedLine("hello", {.drained = "[1-9][0-9]*"})));
}

TEST(DrainTest, SecondSignalEndsAtOnceWhatCannotFinish) {
  ExampleServer server("offload", {"--worker_threads=1", "--drain_timeout=1h"});
  ClientSocket client(server.port());
  std::string work;
  for (int i = 0; i < 1'000; ++i) work += "20000000\n";
  ASSERT_TRUE(client.Send(work + "ping\n"));
  EXPECT_EQ(client.ReadLine(), "pong");
  server.process().Signal(SIGTERM);
  // Two signals at once are one: it must have heard the first.
  const uint16_t port = server.port();
  EXPECT_TRUE(Eventually([port] { return Refuses(port); }));
  const Ended& ended = server.Stop(SIGTERM);
  EXPECT_EQ(ended.exit_code, 3) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, HasSubstr(" 1 forced"));
}

TEST(DrainTest, HangUpBeginsANewLogFile) {
  const std::string directory = NewDirectory();
  ExampleServer server("echo", {"--log_file=log"}, directory);
  fs::rename(directory + "/log", directory + "/log.1");
  server.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return fs::exists(directory + "/log"); }));
  const Ended& ended = server.Stop(SIGTERM);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_EQ(ended.errors, "");
  EXPECT_THAT(ReadFile(directory + "/log"), HasSubstr("echo stopped"));
  EXPECT_THAT(ReadFile(directory + "/log.1"), Not(HasSubstr("echo stopped")));
}

TEST(DrainTest, WrkSeesNoErrorButRefusedConnections) {
  constexpr int kConnections = 16;
  ExampleServer server("hello");
  const pid_t pid = server.process().pid();
  const size_t idle = CountDescriptors(pid);
  Wrk wrk(server.url(), kConnections);
  ASSERT_TRUE(
      Eventually([&] { return CountDescriptors(pid) == idle + kConnections; }));
  const Ended& ended = server.Stop(SIGTERM);
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, HasSubstr(" 0 forced"));
  const Wrk::Result result = wrk.Finish();
  EXPECT_GT(result.requests, 0);
  EXPECT_EQ(result.lost_replies(), 0) << result.output;
}

}  // namespace
}  // namespace rondo
