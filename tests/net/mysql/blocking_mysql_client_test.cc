// The blocking client, on a pool's threads.
#include "net/mysql/blocking_mysql_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/thread.h"
#include "base/thread_pool.h"
#include "net/mysql/mysql_error.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/mariadb_server.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

class BlockingMySqlClientTest : public ::testing::Test {
 protected:
  BlockingMySqlClientOptions Options() {
    return {.mysql = OptionsFor(server_),
            .read_timeout = absl::Minutes(1),
            .retry = {.initial_delay = absl::Milliseconds(5),
                      .max_delay = absl::Milliseconds(20)}};
  }

  MariaDbServer server_;
};

TEST_F(BlockingMySqlClientTest, GivesRowsAndEffects) {
  BlockingMySqlClient client(Options());
  EXPECT_EQ(client.Query("SELECT 1")->Int(0, 0), 1);
  ASSERT_TRUE(client.Query("CREATE TABLE t (a INT)").ok());
  EXPECT_EQ(client.Query("INSERT INTO t VALUES (1), (2)")->affected_rows(), 2u);
  const auto rows = client.Query("SELECT NULL AS n, a FROM t ORDER BY a");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_TRUE(rows->IsNull(1, 0));
  EXPECT_EQ(rows->Int(1, 1), 2);
  EXPECT_EQ(client.counts().connected, 1u);
  EXPECT_EQ(client.idle(), 1u);
}

TEST_F(BlockingMySqlClientTest, ReachesTheServerOverTcpByName) {
  MariaDbServer server({.network = true});
  BlockingMySqlClientOptions options{.mysql = TcpOptionsFor(server)};
  options.mysql.server = *Endpoint::FromHostAndPort("localhost", server.port());
  BlockingMySqlClient client(options);
  const auto result = client.Query("SELECT 1");
  EXPECT_TRUE(result.ok()) << result.status();
}

TEST_F(BlockingMySqlClientTest, AnErrorKeepsTheConnection) {
  BlockingMySqlClient client(Options());
  EXPECT_TRUE(absl::IsInvalidArgument(client.Query("SELEKT").status()));
  EXPECT_TRUE(client.Query("SELECT 1").ok());
  EXPECT_EQ(client.counts().connected, 1u);
}

TEST_F(BlockingMySqlClientTest, ProceduresTransactionsAndLimitsAreAsInThePool) {
  BlockingMySqlClientOptions options = Options();
  options.mysql.max_result_bytes = 100'000;
  options.mysql.max_packet_bytes = 1'000'000;
  BlockingMySqlClient client(options);
  ASSERT_TRUE(
      client.Query("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END").ok());
  EXPECT_EQ(client.Query("CALL p()")->Int(0, 0), 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(client.Query("BEGIN").status()));
  EXPECT_TRUE(absl::IsResourceExhausted(
      client.Query("SELECT REPEAT('x', 1000) FROM seq_1_to_100000").status()));
  EXPECT_EQ(client.Query("SELECT 3")->Int(0, 0), 3);
  const absl::Status row = client.Query("SELECT REPEAT('x', 1000000)").status();
  EXPECT_TRUE(absl::IsResourceExhausted(row)) << row;
  EXPECT_THAT(row.message(), HasSubstr("max_packet_bytes"));
  EXPECT_EQ(client.Query("SELECT CAST('x' AS INT) FROM seq_1_to_5")->warnings(),
            5u);
  EXPECT_EQ(client.counts().too_large, 2u);
}

TEST_F(BlockingMySqlClientTest, WhatAFailedProcedureHasBegunIsRolledBack) {
  BlockingMySqlClient client(Options());
  ASSERT_TRUE(client.Query("CREATE TABLE t (id INT)").ok());
  ASSERT_TRUE(client
                  .Query("CREATE PROCEDURE p() BEGIN START TRANSACTION; "
                         "INSERT INTO t VALUES (1); SELECT 1; "
                         "SELECT * FROM none; END")
                  .ok());
  EXPECT_TRUE(absl::IsNotFound(client.Query("CALL p()").status()));
  EXPECT_EQ(client.Query("SELECT @@in_transaction")->Int(0, 0), 0);
  EXPECT_TRUE(client.Query("INSERT INTO t VALUES (2)").ok());
  BlockingMySqlClient other(Options());
  EXPECT_EQ(other.Query("SELECT COUNT(*) FROM t")->Int(0, 0), 1);
  EXPECT_EQ(client.counts().connected, 1u);
}

TEST_F(BlockingMySqlClientTest, AWrongPasswordSaysSo) {
  BlockingMySqlClientOptions options = Options();
  options.mysql.password = "wrong";
  BlockingMySqlClient client(options);
  EXPECT_THAT(MySqlErrorNumber(client.Query("SELECT 1").status()),
              Optional(1045));
}

TEST_F(BlockingMySqlClientTest, NobodyThereFailsAtOnceUntilTheNextAttempt) {
  const RefusingAddress nobody;
  BlockingMySqlClient client(
      {.mysql = {.server = nobody.address(), .user = "me"},
       .retry = {.initial_delay = absl::Hours(1),
                 .max_delay = absl::Hours(1)}});
  const absl::Status first = client.Query("SELECT 1").status();
  EXPECT_TRUE(absl::IsUnavailable(first)) << first;
  EXPECT_THAT(first.message(), HasSubstr(nobody.address().ToString()));
  EXPECT_EQ(client.Query("SELECT 1").status(), first);
  EXPECT_EQ(client.counts().connect_failures, 1u);
}

// All wait for a greeting that none gets. A second failure that counted would
// put the next attempt off for an hour.
TEST_F(BlockingMySqlClientTest, AttemptsThatFailTogetherCountAsOne) {
  constexpr int kThreads = 4;
  ListeningSocket listener;
  BlockingMySqlClient client(
      {.mysql = {.server = listener.address(), .user = "me"},
       .retry = {.initial_delay = absl::Milliseconds(1),
                 .multiplier = 1e9,
                 .max_delay = absl::Hours(1),
                 .jitter = 0}});
  const auto pool = NewPool({.threads = kThreads});
  for (int i = 0; i < kThreads; ++i) {
    const auto ask = [&] { EXPECT_FALSE(client.Query("SELECT 1").ok()); };
    ASSERT_EQ(pool->Submit(ask), ThreadPool::SubmitResult::kAccepted);
  }
  {
    std::vector<Socket> sockets;
    for (int i = 0; i < kThreads; ++i) sockets.push_back(listener.Accept());
  }
  pool->Stop(ThreadPool::StopMode::kDrain);
  EXPECT_EQ(client.counts().connect_failures, kThreads);
  listener.Close();
  AwaitTrue([&] {
    EXPECT_FALSE(client.Query("SELECT 1").ok());
    return client.counts().connect_failures > kThreads;
  });
}

TEST_F(BlockingMySqlClientTest, WhileOneTriesAgainOthersFailAtOnce) {
  ListeningSocket listener;
  BlockingMySqlClient client(
      {.mysql = {.server = listener.address(), .user = "me"},
       .retry = {.initial_delay = absl::Nanoseconds(1),
                 .max_delay = absl::Nanoseconds(1)}});
  Thread first = NewThread("first", [&] { (void)client.Query("SELECT 1"); });
  listener.Accept().Close();
  first.Join();
  Thread second = NewThread("second", [&] { (void)client.Query("SELECT 1"); });
  Socket socket = listener.Accept();
  EXPECT_TRUE(absl::IsUnavailable(client.Query("SELECT 1").status()));
  EXPECT_EQ(client.counts().connect_failures, 1u);
  socket.Close();
  second.Join();
}

TEST_F(BlockingMySqlClientTest, OptionsThatMakeNoSenseFailEachQuery) {
  BlockingMySqlClientOptions options = Options();
  options.read_timeout = absl::ZeroDuration();
  EXPECT_THAT(BlockingMySqlClient(options).Query("SELECT 1").status().message(),
              HasSubstr("read_timeout is 0"));
}

TEST_F(BlockingMySqlClientTest, AServerThatIsSilentTimesOut) {
  BlockingMySqlClientOptions options = Options();
  options.read_timeout = absl::Seconds(1);
  BlockingMySqlClient client(options);
  const auto result = client.Query("SELECT SLEEP(1000)");
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_EQ(client.Query("SELECT 'next'")->Text(0, 0), "next");
  EXPECT_EQ(client.counts().lost, 1u);
}

// It has sent rows for longer than it may be silent, but was never silent for
// so long.
TEST_F(BlockingMySqlClientTest, GoneInTheMiddleOfRowsIsNotSilent) {
  BlockingMySqlClientOptions options = Options();
  options.read_timeout = absl::Seconds(2);
  BlockingMySqlClient client(options), other(Options());
  absl::Status status;
  Thread thread = NewThread("asker", [&] {
    status = client
                 .Query(
                     "SELECT SLEEP(0.02), REPEAT('x', 20000) "
                     "FROM seq_1_to_1000000")
                 .status();
  });
  AwaitTrue([&] {
    const auto found = other.Query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE "
        "'SELECT SLEEP%' AND time_ms > 2500 AND id <> CONNECTION_ID()");
    return found->Int(0, 0) == 1;
  });
  server_.Kill();
  thread.Join();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(MySqlErrorNumber(status), Optional(2013));
}

// Connector/C waits for whole seconds: one here.
TEST_F(BlockingMySqlClientTest, GoneWithinASecondIsNotSilent) {
  BlockingMySqlClientOptions options = Options();
  options.read_timeout = absl::Nanoseconds(1);
  BlockingMySqlClient client(options), other(Options());
  ASSERT_TRUE(client.Query("SELECT 1").ok());
  absl::Status status;
  Thread thread = NewThread(
      "asker", [&] { status = client.Query("SELECT SLEEP(1000)").status(); });
  AwaitTrue([&] {
    const auto found = other.Query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE "
        "'SELECT SLEEP%' AND id <> CONNECTION_ID()");
    return found->Int(0, 0) == 1;
  });
  server_.Kill();
  thread.Join();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(BlockingMySqlClientTest, AnIdleConnectionIsLookedAtBeforeItIsUsed) {
  BlockingMySqlClient client(Options());
  ASSERT_TRUE(client.Query("SELECT 1").ok());
  server_.Kill();
  server_.Restart();
  EXPECT_EQ(client.Query("SELECT 2")->Int(0, 0), 2);
  EXPECT_EQ(client.counts().stale, 1u);
}

TEST_F(BlockingMySqlClientTest, AnIdleConnectionExpires) {
  BlockingMySqlClientOptions options = Options();
  options.idle_timeout = absl::ZeroDuration();
  BlockingMySqlClient client(options);
  ASSERT_TRUE(client.Query("SELECT 1").ok());
  ASSERT_TRUE(client.Query("SELECT 1").ok());
  EXPECT_EQ(client.counts().connected, 2u);
  EXPECT_GE(client.counts().expired, 1u);
}

// It waits for a lock that another has, and its connection is killed meanwhile.
TEST_F(BlockingMySqlClientTest, WhatMayHaveRunIsSentAgainOnlyIfIdempotent) {
  BlockingMySqlClient other(Options());  // all on one connection
  const auto find_asker = [&] {
    const auto found = other.Query(
        "SELECT id FROM information_schema.processlist WHERE info LIKE "
        "'SELECT GET_LOCK%' AND id <> CONNECTION_ID()");
    return found->rows() == 1 ? *found->Int(0, 0) : 0;
  };
  for (const bool idempotent : {false, true}) {
    EXPECT_EQ(other.Query("SELECT GET_LOCK('it', 60)")->Int(0, 0), 1);
    BlockingMySqlClient client(Options());
    absl::StatusOr<MySqlResult> result = absl::UnknownError("none");
    Thread thread = NewThread("asker", [&] {
      result = client.Query("SELECT GET_LOCK('it', 1000)", idempotent);
    });
    int64_t id = 0;
    AwaitTrue([&] { return (id = find_asker()) != 0; });
    ASSERT_TRUE(other.Query(absl::StrCat("KILL ", id)).ok());
    // Else the one that is killed may still get the lock that is released.
    AwaitTrue([&] {
      const auto found = other.Query(absl::StrCat(
          "SELECT id FROM information_schema.processlist WHERE id = ", id));
      return found->rows() == 0;
    });
    if (idempotent) AwaitTrue([&] { return find_asker() != 0; });
    ASSERT_TRUE(other.Query("SELECT RELEASE_LOCK('it')").ok());
    thread.Join();
    EXPECT_EQ(result.ok(), idempotent) << result.status();
    EXPECT_EQ(client.counts().resent, idempotent ? 1u : 0u);
    EXPECT_EQ(client.counts().lost, 1u);
  }
}

// What four threads ask, each number once.
TEST_F(BlockingMySqlClientTest, KilledAndStartedAgainUnderLoad) {
  BlockingMySqlClient client(Options());
  std::atomic<int> right{0}, wrong{0}, errors{0}, asked{0};
  std::atomic<bool> stopped{false};
  const auto pool = NewPool({.threads = 4});
  const auto ask_on = [&] {
    while (!stopped) {
      const int number = asked++;
      const auto result = client.Query(absl::StrCat("SELECT ", number));
      if (!result.ok()) {
        ++errors;
      } else if (result->Int(0, 0) == number) {
        ++right;
      } else {
        ++wrong;
      }
    }
  };
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(pool->Submit(ask_on), ThreadPool::SubmitResult::kAccepted);
  }
  for (int round = 0; round < 3; ++round) {
    const int before = right;
    AwaitTrue([&] { return right >= before + 200; });
    const int errors_before = errors;
    server_.Kill();
    AwaitTrue([&] { return errors > errors_before; });
    server_.Restart();
  }
  const int before = right;
  AwaitTrue([&] { return right >= before + 200; });
  stopped = true;
  pool->Stop(ThreadPool::StopMode::kDrain);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(asked, right + errors);
  EXPECT_LE(client.idle(), 4u);
}

}  // namespace
}  // namespace rondo
