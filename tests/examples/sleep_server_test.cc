// The server that answers after a while, and the two clients that wait for it:
// one request after the other, and all at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <climits>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/net/tcp/scale.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Ended RunClient(const std::string& name, const ExampleServer& server,
                Flags flags = {}) {
  flags.push_back("--port=" + server.port_text());
  return RunExample(name, flags);
}

// How many connections it may have, which raises its limit to the maximum.
int DescriptorsOfAProcess() {
  constexpr int kOthers = 100;
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_max, INT_MAX)) - kOthers;
}

// On a pseudo-terminal, which script(1) gives it.
Ended RunOnTerminal(const std::string& name, const ExampleServer& server,
                    const std::string& flags) {
  const std::string program = Example(name, {}).argv[0];
  return RunCommand({"script", "--quiet", "--return", "--command",
                     program + " --port=" + server.port_text() + " " + flags,
                     "/dev/null"});
}

// --- The server. -------------------------------------------------------------

TEST(SleepServerTest, CurlGetsItsAnswer) {
  const ExampleServer server("sleep_server", {"--delay=10ms"});
  const Ended curl = RunCommand({"curl", "-q", "-sS", server.url()});
  EXPECT_EQ(curl.output, "done\n") << curl.errors;
}

TEST(SleepServerTest, AClientThatHasSentFinGetsItsAnswer) {
  const ExampleServer server("sleep_server", {"--delay=50ms"});
  ClientSocket client(server.port());
  client.Send(kRequest);
  client.ShutdownWrite();
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("done\n")));
}

TEST(SleepServerTest, WhoWaitsGetsItsAnswerWhenTheServerStops) {
  ExampleServer server("sleep_server", {"--delay=300ms"});
  ClientSocket client(server.port());
  client.Send(kRequest);
  EXPECT_EQ(server.Stop(SIGTERM).exit_code, 0);
  EXPECT_THAT(client.ReadToEnd(), EndsWith("done\n"));
}

TEST(SleepServerTest, AHeadWithoutEndIsRefused) {
  const ExampleServer server("sleep_server");
  ClientSocket client(server.port());
  client.Send("GET /" + std::string(9'000, 'a'));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST(SleepServerTest, AWrongDelayIsNamed) {
  const Ended ended = RunExample("sleep_server", {"--delay=soon"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, HasSubstr("--delay=soon: allowed is 0 or"));
}

// --- The clients. ------------------------------------------------------------

TEST(BlockingClientTest, WaitsForOneRequestAfterTheOther) {
  const ExampleServer server("sleep_server");
  const Ended ended = RunClient("blocking_client", server);
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  // On a busy machine it can take longer, but never less.
  EXPECT_THAT(ended.output, MatchesRegex("3 requests, one after the other: "
                                         "([3-9]|[1-9][0-9]+)\\.[0-9] s\n"));
}

class MultiplexedClientTest : public ::testing::TestWithParam<std::string> {};

TEST_P(MultiplexedClientTest, WaitsForAllAtOnce) {
  const ExampleServer server("sleep_server");
  const Ended ended = RunClient(GetParam(), server);
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  EXPECT_THAT(ended.output,
              MatchesRegex("3 requests, all at once: [1-9][0-9]*\\.[0-9] s, at "
                           "most 3 connections open, [0-9.]+ MiB of memory\n"));
}

// As many requests as a machine's descriptors allow, up to 10,000. The answers
// begin to come when the last has long been connected.
TEST_P(MultiplexedClientTest, WaitsForThousandsAtOnce) {
  const int requests = std::min<int>(Scaled(10'000), DescriptorsOfAProcess());
  ASSERT_GE(requests, 1'000) << "raise ulimit -Hn";
  const ExampleServer server("sleep_server", {"--delay=10s"});
  const Ended ended =
      RunClient(GetParam(), server, {absl::StrCat("--requests=", requests)});
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
  EXPECT_THAT(ended.output,
              AllOf(StartsWith(absl::StrCat(requests, " requests")),
                    HasSubstr(absl::StrCat("at most ", requests,
                                           " connections open"))));
}

INSTANTIATE_TEST_SUITE_P(All, MultiplexedClientTest,
                         ::testing::Values("multiplexed_client",
                                           "multiplexed_client_coro"));

class ClientsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ClientsTest, FindTheServerByName) {
  const ExampleServer server("sleep_server", {"--delay=0"});
  const Ended ended = RunClient(GetParam(), server, {"--host=localhost"});
  EXPECT_EQ(ended.exit_code, 0) << ended.errors;
}

TEST_P(ClientsTest, FailWhereNobodyListens) {
  const Ended ended = RunExample(GetParam(), {"--port=1"});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors,
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("refused")));
  EXPECT_THAT(ended.output, IsEmpty());
}

TEST_P(ClientsTest, FailIfTheAnswerIsNotOne) {
  const ExampleServer server("echo");
  const Ended ended = RunClient(GetParam(), server);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_THAT(ended.errors, HasSubstr("answer"));
}

TEST_P(ClientsTest, NameWrongFlags) {
  const auto errors = [](const Flags& flags) {
    const Ended ended = RunExample(GetParam(), flags);
    EXPECT_EQ(ended.exit_code, 1);
    return ended.errors;
  };
  EXPECT_THAT(errors({"--requests=0"}),
              HasSubstr("--requests=0: allowed is 1"));
  EXPECT_THAT(errors({"--port=0"}), HasSubstr("--port=0: allowed is 1 to"));
  EXPECT_THAT(errors({"--host=a b"}), HasSubstr("--host=a b: allowed is"));
}

TEST_P(ClientsTest, ShowHowFarTheyAreOnATerminalOnly) {
  // The first answer comes when it is time to say so.
  const ExampleServer server("sleep_server", {"--delay=600ms"});
  const Ended terminal = RunOnTerminal(GetParam(), server, "--requests=2");
  EXPECT_EQ(terminal.exit_code, 0);
  EXPECT_THAT(terminal.output,
              AllOf(HasSubstr(" of 2 answers, "),
                    HasSubstr("\r\033[K2 requests, ")));  // on a clear line
  const Ended pipe = RunClient(GetParam(), server, {"--requests=2"});
  EXPECT_THAT(pipe.output, Not(HasSubstr("of 2 answers")));
}

INSTANTIATE_TEST_SUITE_P(All, ClientsTest,
                         ::testing::Values("blocking_client",
                                           "multiplexed_client",
                                           "multiplexed_client_coro"));

}  // namespace
}  // namespace rondo
