// What a pool bounds: connections, who waits, and time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "net/mysql/mysql_error.h"
#include "net/mysql/mysql_pool.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/mysql/mysql_wire.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr char kSleep[] = "SELECT SLEEP(1000)";

class MySqlPoolLimitsTest : public MySqlFixture {
 protected:
  MySqlPoolLimitsTest() { StartServer(); }

  void MakePoolOf(size_t max_connections, size_t max_waiting = 10'000) {
    MakePool({.mysql = OptionsFor(server()),
              .max_connections = max_connections,
              .max_waiting = max_waiting});
  }
  // A query that the server is busy with.
  Asked& AskSleep(absl::Duration timeout = kForever) {
    Asked& asked = Ask(kSleep, {.timeout = timeout});
    AwaitRunning(kSleep, 1);
    return asked;
  }
};

// --- How many. ---------------------------------------------------------------

TEST_F(MySqlPoolLimitsTest, NoMoreConnectionsThanAllowed) {
  MakePoolOf(3);
  for (int i = 0; i < 10; ++i) Ask(kSleep);
  AwaitRunning(kSleep, 3);
  EXPECT_EQ(State(), "0 idle, 3 busy, 0 connecting, 7 waiting");
  const MySqlResult result = Tell(
      "SELECT COUNT(*) FROM information_schema.processlist "
      "WHERE user = 'rondo' AND id <> CONNECTION_ID()");
  EXPECT_EQ(result.Int(0, 0), 3);
}

TEST_F(MySqlPoolLimitsTest, NoMoreConnectionsThanQueriesThatWait) {
  MakePoolOf(8);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Query("SELECT 1").ok());
  EXPECT_EQ(Counts().connected, 1u);
  EXPECT_EQ(State(), "1 idle, 0 busy, 0 connecting, 0 waiting");
}

TEST_F(MySqlPoolLimitsTest, WhoWaitsIsServedInOrder) {
  MakePoolOf(1);
  std::string order;
  std::vector<Asked*> asked;
  for (char c = 'a'; c <= 'z'; ++c) {
    asked.push_back(&Ask(absl::StrCat("SELECT '", std::string(1, c), "'"), {},
                         [&order, c] { order += c; }));
  }
  for (Asked* a : asked) EXPECT_TRUE(AwaitAnswer(*a).ok());
  On([&] { EXPECT_EQ(order, "abcdefghijklmnopqrstuvwxyz"); });
}

TEST_F(MySqlPoolLimitsTest, TooManyWaitingIsResourceExhausted) {
  MakePoolOf(1, 2);
  AskSleep();
  Asked& first = Ask("SELECT 1");
  Asked& second = Ask("SELECT 2");
  const auto refused = Query("SELECT 3");
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
  EXPECT_THAT(refused.status().message(),
              AllOf(HasSubstr("2 queries wait"), HasSubstr("max_waiting")));
  EXPECT_EQ(Counts().refused, 1u);
  EXPECT_EQ(CountAnswers(first) + CountAnswers(second), 0u);
}

TEST_F(MySqlPoolLimitsTest, AllMayWait) {
  MakePoolOf(1, SIZE_MAX);
  for (int i = 0; i < 3; ++i) {
    const auto result = Query("SELECT 1");
    EXPECT_TRUE(result.ok()) << result.status();
  }
}

TEST_F(MySqlPoolLimitsTest, ARefusedQueryCanBeWithdrawn) {
  MakePoolOf(1, 1);
  Ask(kSleep);
  AwaitState("0 idle, 1 busy, 0 connecting, 0 waiting");
  Asked withdrawn;
  On([&] {
    asked_.emplace_back().request = pool_->Query("SELECT 1", {}, [](auto) {});
    const Request refused = pool_->Query("SELECT 2", {}, [&](auto result) {
      withdrawn.answers.push_back(std::move(result));
    });
  });
  EXPECT_TRUE(absl::IsResourceExhausted(Query("SELECT 3").status()));
  On([&] { EXPECT_TRUE(withdrawn.answers.empty()); });
}

// --- Withdrawing. ------------------------------------------------------------

TEST_F(MySqlPoolLimitsTest, AWithdrawnQueryIsNotSent) {
  MakePoolOf(1);
  ASSERT_TRUE(Query("CREATE TABLE t (id INT)").ok());
  Asked& busy = Ask("SELECT SLEEP(1000), 'busy'");
  AwaitRunning("%busy%", 1);
  Asked& withdrawn = Ask("INSERT INTO t VALUES (1)");
  Asked& later = Ask("SELECT COUNT(*) FROM t");
  On([&] { withdrawn.request.Withdraw(); });
  EXPECT_EQ(State(), "0 idle, 1 busy, 0 connecting, 1 waiting");
  Tell(absl::StrCat("KILL QUERY ", *Tell("SELECT id FROM "
                                         "information_schema.processlist WHERE "
                                         "info LIKE 'SELECT SLEEP%'")
                                        .Int(0, 0)));
  EXPECT_EQ(AwaitAnswer(later)->Int(0, 0), 0);
  EXPECT_EQ(CountAnswers(withdrawn), 0u);
  EXPECT_EQ(CountAnswers(busy), 1u);
}

TEST_F(MySqlPoolLimitsTest, AWithdrawnQueryThatWasSentKeepsItsConnection) {
  MakePoolOf(1);
  TakeLock();
  Asked& withdrawn = Ask("SELECT GET_LOCK('it', 1000), 'withdrawn'");
  AwaitRunning("%withdrawn%", 1);
  On([&] { withdrawn.request.Withdraw(); });
  EXPECT_EQ(State(), "0 idle, 1 busy, 0 connecting, 0 waiting");
  Asked& asked = Ask("SELECT 'next'");
  ReleaseLock();
  const auto next = AwaitAnswer(asked);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->Text(0, 0), "next");
  EXPECT_EQ(CountAnswers(withdrawn), 0u);
  EXPECT_EQ(Counts().connected, 1u);
}

// --- Deadlines. --------------------------------------------------------------

TEST_F(MySqlPoolLimitsTest, AQueryThatTakesTooLongIsGivenUp) {
  MakePoolOf(2);
  TakeLock();
  Asked& slow = Ask(kSleep, {.timeout = absl::Milliseconds(300)});
  Asked& other = Ask("SELECT GET_LOCK('it', 1000), 'other'");
  const auto result = AwaitAnswer(slow);
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_THAT(result.status().message(),
              AllOf(HasSubstr("300ms"), HasSubstr("may still run")));
  ReleaseLock();
  EXPECT_EQ(AwaitAnswer(other)->Text(0, 1), "other");
  EXPECT_EQ(Counts().timed_out, 1u);
  EXPECT_EQ(Counts().lost, 1u);
}

TEST_F(MySqlPoolLimitsTest, ALateAnswerReachesNobody) {
  MakePoolOf(1);
  for (int i = 0; i < 20; ++i) {
    Asked& late = Ask(absl::StrCat("SELECT 'late', SLEEP(0.02)"),
                      {.timeout = absl::Milliseconds(20)});
    const auto next = Query(absl::StrCat("SELECT 'next ", i, "'"));
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_EQ(next->Text(0, 0), absl::StrCat("next ", i));
    const auto result = AwaitAnswer(late);
    if (result.ok()) {
      EXPECT_EQ(result->Text(0, 0), "late");
    }
  }
}

TEST_F(MySqlPoolLimitsTest, AQueryInTheMiddleOfItsRowsIsGivenUp) {
  MakePoolOf(1);
  Asked& slow =
      Ask("SELECT seq, SLEEP(0.01), REPEAT('x', 10000) "
          "FROM seq_1_to_1000000",
          {.timeout = absl::Milliseconds(300)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitAnswer(slow).status()));
  EXPECT_EQ(Query("SELECT 1")->Int(0, 0), 1);
}

TEST_F(MySqlPoolLimitsTest, WaitingForAConnectionCounts) {
  MakePoolOf(1);
  AskSleep();
  const auto result = Query("SELECT 1", {.timeout = absl::Milliseconds(100)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_THAT(
      result.status().message(),
      AllOf(HasSubstr("was not sent"), HasSubstr("1 connections busy")));
  EXPECT_EQ(State(), "0 idle, 1 busy, 0 connecting, 0 waiting");
}

TEST_F(MySqlPoolLimitsTest, AServerThatDoesNotGreetTimesOut) {
  server().Freeze();
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.connect_timeout = absl::Milliseconds(200);
  MakePool(options);
  const auto result = Query("SELECT 1");
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_THAT(result.status().message(), HasSubstr("not connected within"));
  EXPECT_EQ(Counts().connect_failures, 1u);
  server().Thaw();
  AwaitTrue([&] { return Query("SELECT 1").ok(); });  // it may be slow at first
}

TEST_F(MySqlPoolLimitsTest, AServerThatDoesNotAnswerTimesOut) {
  MakePoolOf(1);
  ASSERT_TRUE(Query("SELECT 1").ok());
  server().Freeze();
  const auto result = Query("SELECT 2", {.timeout = absl::Milliseconds(200)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  server().Thaw();
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
}

// --- By the test's clock. ----------------------------------------------------

class MySqlPoolClockTest : public MySqlFixture {
 protected:
  MySqlPoolClockTest() : MySqlFixture(&clock_) {}

  static FakeClock clock_;  // before the fixture's loop
};
FakeClock MySqlPoolClockTest::clock_;

// Its server, which is the test, is silent when asked to roll back.
TEST_F(MySqlPoolClockTest, WhatAQueryHasFailedOfIsToldAtItsDeadline) {
  ListeningSocket listener;
  MakePool({.mysql = {.server = listener.address(), .user = "me"}});
  Asked& asked = Ask("SELEKT", {.timeout = absl::Seconds(1)});
  const Socket socket = listener.Accept();
  const UniqueFd fd(dup(socket.fd()));
  Write(fd, GreetingPacket("mysql_native_password"));
  ASSERT_TRUE(AwaitInput(fd.get()));
  Drain(fd);
  Write(fd, WelcomePacket());
  ASSERT_TRUE(AwaitInput(fd.get()));
  EXPECT_THAT(Read(fd), HasSubstr("SELEKT"));
  Write(fd, ErrorPacket(1064, "what?"));
  ASSERT_TRUE(AwaitInput(fd.get()));
  EXPECT_THAT(Read(fd), HasSubstr("ROLLBACK"));
  clock_.Advance(absl::Seconds(1));
  const auto result = AwaitAnswer(asked);
  EXPECT_TRUE(absl::IsInvalidArgument(result.status())) << result.status();
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(1064));
  EXPECT_EQ(State(), "0 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_EQ(Counts().failed, 1u);
  EXPECT_EQ(Counts().timed_out, 0u);
  EXPECT_EQ(Counts().lost, 1u);
}

// --- Idle connections. -------------------------------------------------------

class MySqlPoolIdleTest : public MySqlPoolClockTest {
 protected:
  MySqlPoolIdleTest() { StartServer(); }
};

TEST_F(MySqlPoolIdleTest, OneThatNobodyUsesIsClosed) {
  MakePool({.mysql = OptionsFor(server()), .idle_timeout = absl::Minutes(1)});
  ASSERT_TRUE(Query("SELECT 1").ok());
  clock_.Advance(absl::Seconds(59));
  On([] {});
  EXPECT_EQ(State(), "1 idle, 0 busy, 0 connecting, 0 waiting");
  clock_.Advance(absl::Seconds(1));
  AwaitState("0 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_EQ(Counts().expired, 1u);
  ASSERT_TRUE(Query("SELECT 1").ok());
  EXPECT_EQ(Counts().connected, 2u);
}

TEST_F(MySqlPoolIdleTest, OneThatMayNotBeIdleIsUsedOnce) {
  MakePool({.mysql = OptionsFor(server()), .idle_timeout = {}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Query("SELECT 1").ok());
    AwaitState("0 idle, 0 busy, 0 connecting, 0 waiting");
  }
  EXPECT_EQ(Counts().connected, 3u);
}

TEST_F(MySqlPoolIdleTest, NoTimerOutlivesThePool) {
  MakePool({.mysql = OptionsFor(server()), .max_connections = 1});
  constexpr MySqlQueryOptions kSecond = {.timeout = absl::Seconds(1)};
  ASSERT_TRUE(Query("SELECT 1", kSecond).ok());
  Asked& sent = Ask(kSleep, kSecond);
  AwaitRunning(kSleep, 1);
  Asked& waiting = Ask("SELECT 2", kSecond);
  DestroyPool();
  clock_.Advance(absl::Hours(1));
  for (int turn = 0; turn < 5; ++turn) On([] {});
  EXPECT_EQ(CountAnswers(sent) + CountAnswers(waiting), 0u);
}

TEST_F(MySqlPoolIdleTest, TheOneUsedLastIsUsedNext) {
  MakePool({.mysql = OptionsFor(server()), .max_connections = 2});
  TakeLock("a");
  TakeLock("b");
  Asked& a = Ask("SELECT GET_LOCK('a', 1000), CONNECTION_ID()");
  Asked& b = Ask("SELECT GET_LOCK('b', 1000), CONNECTION_ID()");
  AwaitRunning("%GET_LOCK%", 2);
  ReleaseLock("b");
  const auto last_but_one = AwaitAnswer(b)->Int(0, 1);
  ReleaseLock("a");
  const auto last = AwaitAnswer(a)->Int(0, 1);
  EXPECT_NE(last, last_but_one);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Query("SELECT CONNECTION_ID()")->Int(0, 0), last);
  }
}

}  // namespace
}  // namespace rondo
