// What curl, ab and bare sockets get from examples/mysql, whose database comes
// and goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/mariadb_server.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
// As examples/hello --close.
constexpr std::string_view kReply =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";
constexpr std::string_view kUnavailable =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
    "Content-Type: text/plain\r\nContent-Length: 21\r\n\r\n"
    "database unavailable\n";

Flags DatabaseFlags(const MariaDbServer& database) {
  return {"--mysql_socket=" + database.socket_path(),
          absl::StrCat("--mysql_user=", MariaDbServer::kUser),
          absl::StrCat("--mysql_password=", MariaDbServer::kPassword),
          absl::StrCat("--mysql_database=", MariaDbServer::kDatabase)};
}

class MySqlExampleTest : public ::testing::TestWithParam<const char*> {
 protected:
  // With the database; a later flag counts.
  ExampleServer Start(const Flags& more = {}) const {
    Flags flags = DatabaseFlags(database_);
    flags.push_back(absl::StrCat("--design=", GetParam()));
    flags.insert(flags.end(), more.begin(), more.end());
    return ExampleServer("mysql", std::move(flags));
  }

  MariaDbServer database_;
};

std::string Ask(const ExampleServer& server) {
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(kRequest));
  return client.ReadToEnd();
}

// --- With a database. --------------------------------------------------------

TEST_P(MySqlExampleTest, CurlGetsHelloWorld) {
  const ExampleServer server = Start();
  const Ended curl = RunCommand(
      {"curl", "-q", "-sS", "--noproxy", "*", server.url(), server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "hello world\nhello world\n");
}

TEST_P(MySqlExampleTest, AnswersAndClosesAsHelloDoes) {
  const ExampleServer server = Start();
  EXPECT_EQ(Ask(server), kReply);
  ClientSocket client(server.port());
  for (const char byte : kRequest) {
    ASSERT_TRUE(client.Send(std::string(1, byte)));
  }
  EXPECT_EQ(client.ReadToEnd(), kReply);
}

TEST_P(MySqlExampleTest, AHeadThatIsTooLongIsRefused) {
  const ExampleServer server = Start();
  ClientSocket client(server.port());
  (void)client.Send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x'));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST_P(MySqlExampleTest, FiftyClientsAtOnceAreAllAnswered) {
  const ExampleServer server = Start();
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(server.port());
  for (ClientSocket& client : clients) ASSERT_TRUE(client.Send(kRequest));
  for (ClientSocket& client : clients) EXPECT_EQ(client.ReadToEnd(), kReply);
}

TEST_P(MySqlExampleTest, AbFailsNothing) {
  const ExampleServer server = Start();
  const Ended ab = RunCommand({"ab", "-q", "-n1000", "-c50", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +1000\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(MySqlExampleTest, AClientThatLeavesTakesNobodyWithIt) {
  const ExampleServer server = Start({"--mysql_connections=1"});
  database_.Freeze();
  for (int i = 0; i < 20; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(kRequest));
    if (i % 2 == 0) client.Reset();
  }
  database_.Thaw();
  EXPECT_EQ(Ask(server), kReply);
}

TEST_P(MySqlExampleTest, SigtermWaitsForTheAnswer) {
  ExampleServer server = Start({"--threads=1", "--drain_quiet_time=1ms"});
  database_.Freeze();
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest));
  ClientSocket quiet(server.port());
  server.process().Signal(SIGTERM);
  EXPECT_EQ(quiet.ReadToEnd(), "");  // it is owed nothing
  database_.Thaw();
  EXPECT_EQ(client.ReadToEnd(), kReply);
  EXPECT_EQ(server.process().Wait().exit_code, 0);
}

// --- Without one. ------------------------------------------------------------

TEST_P(MySqlExampleTest, AKilledDatabaseIs503AndThenItRecovers) {
  ExampleServer server = Start();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask(server), kReply);
    database_.Kill();
    EXPECT_EQ(Ask(server), kUnavailable);
    database_.Restart();
    EXPECT_TRUE(Eventually([&] { return Ask(server) == kReply; }));
  }
  const Ended& ended = server.Stop();
  EXPECT_THAT(ended.errors, AllOf(HasSubstr("no answer from the database"),
                                  HasSubstr(database_.socket_path())));
}

TEST_P(MySqlExampleTest, UnderLoadEachIsAnsweredOnceWhileItIsKilled) {
  const ExampleServer server = Start();
  Process ab({.argv = {"ab", "-q", "-n3000", "-c50", server.url()}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Eventually([&] { return Ask(server) == kReply; }));
    database_.Kill();
    EXPECT_EQ(Ask(server), kUnavailable);
    database_.Restart();
  }
  // The bodies have two lengths, which ab counts as failures of a kind.
  const Ended& ended = ab.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.output,
              AllOf(ContainsRegex("Complete requests: +3000\n"),
                    Not(ContainsRegex("(Connect|Receive): [1-9]")),
                    Not(ContainsRegex("Exceptions: [1-9]"))));
}

TEST_P(MySqlExampleTest, ServesFromTheBeginningWithoutADatabase) {
  database_.Kill();
  const ExampleServer server = Start();
  EXPECT_EQ(Ask(server), kUnavailable);
}

TEST_P(MySqlExampleTest, FailuresAreLoggedOnceASecond) {
  database_.Kill();
  ExampleServer server = Start();
  constexpr int kRequests = 500;
  const Ended ab = RunCommand(
      {"ab", "-q", absl::StrCat("-n", kRequests), "-c50", server.url()});
  EXPECT_THAT(ab.output, ContainsRegex("Non-2xx responses: +500\n"));
  const std::string errors = server.Stop().errors;
  int lines = 0;
  for (size_t at = errors.find("no answer"); at != errors.npos;
       at = errors.find("no answer", at + 1)) {
    ++lines;
  }
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, kRequests / 10);  // however slow the machine is
}

TEST_P(MySqlExampleTest, AWrongPasswordIs503AndSaysSo) {
  ExampleServer server = Start({"--mysql_password=wrong"});
  EXPECT_EQ(Ask(server), kUnavailable);
  EXPECT_THAT(server.Stop().errors, HasSubstr("Access denied"));
}

TEST_P(MySqlExampleTest, AResultThatIsTooLargeIs503AndSaysSo) {
  ExampleServer server = Start({"--mysql_max_result_bytes=1"});
  EXPECT_EQ(Ask(server), kUnavailable);
  EXPECT_THAT(server.Stop().errors, HasSubstr("max_result_bytes"));
}

TEST_P(MySqlExampleTest, ADatabaseThatIsSilentIs503) {
  const ExampleServer server = Start({"--mysql_query_timeout=1s"});
  EXPECT_EQ(Ask(server), kReply);
  database_.Freeze();
  EXPECT_EQ(Ask(server), kUnavailable);
  database_.Thaw();
  EXPECT_TRUE(Eventually([&] { return Ask(server) == kReply; }));
}

TEST_P(MySqlExampleTest, MoreThanMayWaitIs503AtOnce) {
  const ExampleServer server =
      Start({"--threads=1", "--mysql_connections=1", "--mysql_max_waiting=1",
             "--worker_threads=1", "--worker_queue_limit=1",
             "--mysql_query_timeout=inf"});
  EXPECT_EQ(Ask(server), kReply);
  database_.Freeze();
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().Send(kRequest));
  }
  // One is with the database or about to be, one waits.
  std::string refused;
  EXPECT_TRUE(Eventually([&] {
    for (ClientSocket& client : clients) {
      refused += client.ReadAvailable();
    }
    return !refused.empty();
  }));
  EXPECT_THAT(refused, StartsWith(std::string(kUnavailable)));
  database_.Thaw();
}

INSTANTIATE_TEST_SUITE_P(All, MySqlExampleTest,
                         ::testing::Values("callbacks", "coroutines",
                                           "thread_pool"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

// --- Flags. ------------------------------------------------------------------

TEST(MySqlExampleFlagsTest, ValuesThatMakeNoSenseAreRefused) {
  const std::string long_path = "/" + std::string(200, 'x');
  struct BadFlag {
    std::string flag;
    std::string value;
    std::string allowed;
  };
  const std::vector<BadFlag> refused = {
      {"design", "threads", "callbacks, coroutines or thread_pool"},
      {"mysql_port", "0", "1 to 65535"},
      {"mysql_port", "65536", "1 to 65535"},
      {"mysql_host", "a b", "an address or a name"},
      {"mysql_host", "unix:@x", "an address or a name"},
      {"mysql_socket", long_path,
       "the path of a unix socket, of at most 107 bytes"},
      {"mysql_connections", "0", "1 or more"},
      {"mysql_max_waiting", "0", "1 or more"},
      {"mysql_query_timeout", "0", "a duration"},
      {"mysql_connect_timeout", "soon", "a duration"},
      {"mysql_idle_timeout", "-1s", "a duration"},
      {"mysql_user", "", "the name of a user"},
      {"mysql_max_result_bytes", "0", "1 or more"},
      {"mysql_max_packet_bytes", "0", "1 or more"},
      {"mysql_max_sends", "0", "1 or more"},
      {"mysql_retry_delay", "0", "a duration"},
      {"mysql_max_retry_delay", "1ms", "not less than --mysql_retry_delay"},
  };
  for (const auto& [flag, value, allowed] : refused) {
    const Ended ended =
        RunExample("mysql", {"--port=0", "--" + flag + "=" + value});
    EXPECT_EQ(ended.exit_code, 1) << flag << testing::PrintToString(ended);
    EXPECT_THAT(ended.output, IsEmpty());
    EXPECT_THAT(ended.errors,
                AllOf(StartsWith("ERROR: --" + flag + "=" + value),
                      HasSubstr("allowed is"), HasSubstr(allowed)));
  }
}

}  // namespace
}  // namespace rondo
