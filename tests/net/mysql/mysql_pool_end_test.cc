// Pools and loops that end while something is under way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "net/mysql/mysql_pool.h"
#include "tests/net/client/listening_socket.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/tcp/event_count.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

constexpr char kSleep[] = "SELECT SLEEP(1000)";

class MySqlPoolEndTest : public MySqlFixture {
 protected:
  MySqlPoolEndTest() { StartServer(); }

  void MakePoolOf(size_t max_connections) {
    MakePool(
        {.mysql = OptionsFor(server()), .max_connections = max_connections});
  }
};

TEST_F(MySqlPoolEndTest, TellsNobodyAndClosesAll) {
  MakePoolOf(2);
  Asked& busy = Ask(kSleep);
  AwaitRunning(kSleep, 1);
  ASSERT_TRUE(Query("SELECT 1").ok());
  Asked& next = Ask(kSleep);
  Asked& waiting = Ask(kSleep);
  EXPECT_EQ(State(), "0 idle, 2 busy, 0 connecting, 1 waiting");
  DestroyPool();
  EXPECT_EQ(CountAnswers(busy) + CountAnswers(next) + CountAnswers(waiting),
            0u);
}

TEST_F(MySqlPoolEndTest, WhileItConnects) {
  server().Freeze();
  MakePoolOf(1);
  Asked& asked = Ask("SELECT 1");
  AwaitState("0 idle, 0 busy, 1 connecting, 1 waiting");
  DestroyPool();
  EXPECT_EQ(CountAnswers(asked), 0u);
  server().Thaw();
}

// Before there is a connection, when Connector/C holds most.
TEST_F(MySqlPoolEndTest, WhileTcpConnects) {
  ListeningSocket listener(*InetAddress::Parse("127.0.0.1:0"), /*backlog=*/1);
  listener.FillBacklog();
  MakePool({.mysql = {.server = listener.address(), .user = "me"}});
  Asked& asked = Ask("SELECT 1");
  AwaitState("0 idle, 0 busy, 1 connecting, 1 waiting");
  DestroyPool();
  EXPECT_EQ(CountAnswers(asked), 0u);
}

TEST_F(MySqlPoolEndTest, WhileItLooksUpAName) {
  MySqlPoolOptions options{.mysql = OptionsFor(server())};
  options.mysql.server = *Endpoint::Parse("no.such.invalid:1");
  MakePool(options);
  Asked& asked = Ask("SELECT 1");
  DestroyPool();
  EXPECT_LE(CountAnswers(asked), 1u);  // where there is no DNS it is quick
}

TEST_F(MySqlPoolEndTest, InTheMiddleOfRows) {
  MakePoolOf(1);
  Asked& asked =
      Ask("SELECT SLEEP(0.001), REPEAT('x', 10000) FROM seq_1_to_100000");
  AwaitRunning("%REPEAT%", 1);
  DestroyPool();
  EXPECT_EQ(CountAnswers(asked), 0u);
}

TEST_F(MySqlPoolEndTest, ByACallback) {
  MakePoolOf(2);
  Asked& other = Ask(kSleep);
  AwaitRunning(kSleep, 1);
  Asked& last = Ask("SELECT 1", {}, [&] { pool_.reset(); });
  EXPECT_TRUE(AwaitAnswer(last).ok());
  EXPECT_EQ(CountAnswers(other), 0u);
}

TEST_F(MySqlPoolEndTest, ByTheCallbackOfAFailedConnect) {
  server().Kill();
  MakePoolOf(2);
  std::vector<Asked*> asked;
  On([&] {
    for (int i = 0; i < 3; ++i) {
      Asked* const a = &asked_.emplace_back();
      asked.push_back(a);
      a->request = pool_->Query("SELECT 1", {}, [this, a](auto result) {
        a->answers.push_back(std::move(result));
        pool_.reset();
      });
    }
  });
  EXPECT_FALSE(AwaitAnswer(*asked[0]).ok());
  EXPECT_EQ(CountAnswers(*asked[1]) + CountAnswers(*asked[2]), 0u);
}

TEST_F(MySqlPoolEndTest, ByTheCallbackOfADeadline) {
  MakePoolOf(1);
  Asked& asked =
      Ask(kSleep, {.timeout = absl::Milliseconds(50)}, [&] { pool_.reset(); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitAnswer(asked).status()));
}

TEST_F(MySqlPoolEndTest, WhatAForgottenCallbackOwnsMayAsk) {
  MakePoolOf(1);
  bool dropped = false;
  On([&] {
    auto guard = OnDestroy([&dropped, pool = pool_.get()] {
      dropped = true;
      // Too late, and harmless.
      const Request late = pool->Query("SELECT 1", {}, [](auto) {});
    });
    asked_.emplace_back().request =
        pool_->Query(kSleep, {}, [guard = std::move(guard)](auto) {});
  });
  DestroyPool();
  On([&] { EXPECT_TRUE(dropped); });
}

TEST_F(MySqlPoolEndTest, ARequestMayOutliveIt) {
  MakePoolOf(1);
  Asked& asked = Ask(kSleep);
  DestroyPool();
  On([&] { asked.request.Withdraw(); });
}

TEST_F(MySqlPoolEndTest, TheLoopEndsFirst) {
  MakePoolOf(2);
  Asked& busy = Ask(kSleep);
  AwaitRunning(kSleep, 1);
  Asked& next = Ask("SELECT 1");
  thread_->Stop();
  DestroyPool();
  EXPECT_EQ(CountAnswers(busy), 0u);
  EXPECT_LE(CountAnswers(next), 1u);
}

TEST_F(MySqlPoolEndTest, ManyPoolsComeAndGoUnderLoad) {
  for (int i = 0; i < 30; ++i) {
    MakePoolOf(4);
    for (int k = 0; k < 20; ++k) Ask(absl::StrCat("SELECT ", k));
    Asked& last = Ask("SELECT 'last'");
    if (i % 2 == 0) (void)AwaitAnswer(last);
    DestroyPool();
  }
  // None of them has left a connection, once the server has seen it.
  AwaitTrue([&] {
    return Tell(
               "SELECT COUNT(*) FROM information_schema.processlist WHERE "
               "user = 'rondo' AND id <> CONNECTION_ID()")
               .Int(0, 0) == 0;
  });
}

}  // namespace
}  // namespace rondo
