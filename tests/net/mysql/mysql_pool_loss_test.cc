// Connections that are lost, and servers: nothing is answered twice, wrongly or
// not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "net/mysql/mysql_error.h"
#include "net/mysql/mysql_pool.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/net/tcp/event_count.h"

namespace rondo {
namespace {

using ::testing::Optional;

constexpr MySqlQueryOptions kPatient = {.timeout = kForever};

class MySqlPoolLossTest : public MySqlFixture {
 protected:
  MySqlPoolLossTest() { StartServer(); }

  // Retries quickly.
  void MakePoolOf(size_t max_connections, int max_sends = 3) {
    MakePool({.mysql = OptionsFor(server()),
              .max_connections = max_connections,
              .max_sends = max_sends,
              .retry = {.initial_delay = absl::Milliseconds(5),
                        .max_delay = absl::Milliseconds(20)}});
  }
  int64_t ConnectionId() { return *Query("SELECT CONNECTION_ID()")->Int(0, 0); }
  // Asks a connection that has just brought an answer, and whose server was
  // then killed and started again.
  Asked& AskAfterRestart() {
    Asked* asked = nullptr;
    Asked& first = Ask("SELECT 1", kPatient, [this, &asked] {
      server().Kill();
      server().Restart();
      asked = &asked_.emplace_back();
      asked->request = pool_->Query("SELECT 2", kPatient, [asked](auto result) {
        asked->answers.push_back(std::move(result));
      });
    });
    EXPECT_TRUE(AwaitAnswer(first).ok());
    On([] {});  // the callback has returned
    return *asked;
  }
  // Asks for a lock that another has, so that no answer comes.
  Asked& AskForLock(const MySqlQueryOptions& options) {
    TakeLock();
    Asked& asked = Ask("SELECT GET_LOCK('it', 1000)", options);
    AwaitRunning("%GET_LOCK%", 1);
    return asked;
  }
};

// --- Connections that the server closes. -------------------------------------

TEST_F(MySqlPoolLossTest, AnIdleOneThatIsKilledIsNotUsed) {
  MakePoolOf(1);
  Tell(absl::StrCat("KILL ", ConnectionId()));
  AwaitState("0 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_EQ(Query("SELECT 2")->Int(0, 0), 2);
  EXPECT_EQ(Counts().stale, 1u);
  EXPECT_EQ(Counts().connected, 2u);
  EXPECT_EQ(Counts().failed, 0u);
}

TEST_F(MySqlPoolLossTest, AnIdleOneThatTheServerHasEnoughOfIsNotUsed) {
  server_.reset();
  StartServer({.flags = {"--wait-timeout=1"}});
  MakePoolOf(1);
  ASSERT_TRUE(Query("SELECT 1").ok());
  AwaitState("0 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_EQ(Query("SELECT 2")->Int(0, 0), 2);
  EXPECT_EQ(Counts().stale, 1u);
}

TEST_F(MySqlPoolLossTest, ABusyOneThatIsKilledFailsItsQueryOnly) {
  MakePoolOf(2);
  Asked& killed = Ask("SELECT SLEEP(1000), 'killed'");
  TakeLock();
  Asked& other = Ask("SELECT GET_LOCK('it', 1000), 'other'");
  AwaitRunning("%killed%", 1);
  Tell(absl::StrCat("KILL ", *Tell("SELECT id FROM "
                                   "information_schema.processlist WHERE info "
                                   "LIKE 'SELECT SLEEP%killed%'")
                                  .Int(0, 0)));
  const auto result = AwaitAnswer(killed);
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  ReleaseLock();
  EXPECT_EQ(AwaitAnswer(other)->Text(0, 1), "other");
  EXPECT_EQ(Counts().lost, 1u);
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
}

// It happens between the loop's poll and the query, so that no event has told.
TEST_F(MySqlPoolLossTest, AnIdleOneIsLookedAtBeforeItIsUsed) {
  MakePoolOf(1);
  ASSERT_TRUE(Query("SELECT 1").ok());
  std::unique_ptr<MySqlPool> other;
  On([&] {
    other = std::make_unique<MySqlPool>(
        thread_->loop(), MySqlPoolOptions{.mysql = OptionsFor(server())});
  });
  Asked asked;
  Request request;
  On([&] {
    request = other->Query("SELECT 1", kPatient, [&](auto) {
      server().Kill();
      server().Restart();
      asked.request = pool_->Query("SELECT 2", kPatient, [&](auto result) {
        asked.answers.push_back(std::move(result));
      });
    });
  });
  EXPECT_EQ(AwaitAnswer(asked)->Int(0, 0), 2);
  EXPECT_EQ(Counts().stale, 1u);
  EXPECT_EQ(Counts().resent, 0u);
  On([&] {
    other.reset();
    asked.request.Withdraw();
    request.Withdraw();
  });
}

// --- Sending again. ----------------------------------------------------------

TEST_F(MySqlPoolLossTest, WhatTheServerHasSurelyNotGotIsSentAgain) {
  MakePoolOf(1);
  Asked& asked = AskAfterRestart();
  EXPECT_EQ(AwaitAnswer(asked)->Int(0, 0), 2);
  EXPECT_EQ(Counts().resent, 1u);
  EXPECT_EQ(Counts().failed, 0u);
}

TEST_F(MySqlPoolLossTest, ButNoMoreOftenThanAllowed) {
  MakePoolOf(1, /*max_sends=*/1);
  Asked& asked = AskAfterRestart();
  const auto result = AwaitAnswer(asked);
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(2006))
      << result.status();
  EXPECT_EQ(Counts().resent, 0u);
}

TEST_F(MySqlPoolLossTest, WhatMayHaveRunIsNotSentAgain) {
  MakePoolOf(1);
  Asked& asked = AskForLock(kPatient);
  server().Kill();
  server().Restart();
  const auto result = AwaitAnswer(asked);
  EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  EXPECT_THAT(MySqlErrorNumber(result.status()), Optional(2013));
  EXPECT_EQ(Counts().resent, 0u);
  EXPECT_EQ(Counts().failed, 1u);
}

TEST_F(MySqlPoolLossTest, UnlessItIsIdempotent) {
  MakePoolOf(1);
  Asked& asked = AskForLock({.timeout = kForever, .idempotent = true});
  On([&] {
    server().Kill();
    server().Restart();
  });
  // The one who had it went with the server.
  EXPECT_EQ(AwaitAnswer(asked)->Int(0, 0), 1);
  EXPECT_EQ(Counts().resent, 1u);
}

TEST_F(MySqlPoolLossTest, WhoIsSentAgainComesBeforeThoseWhoCameLater) {
  MakePoolOf(1);
  std::string order;
  TakeLock();
  Asked& first =
      Ask("SELECT GET_LOCK('it', 1000)",
          {.timeout = kForever, .idempotent = true}, [&] { order += "1"; });
  AwaitRunning("%GET_LOCK%", 1);
  Asked& second = Ask("SELECT 2", kPatient, [&] { order += "2"; });
  On([&] {
    server().Kill();
    server().Restart();
  });
  EXPECT_TRUE(AwaitAnswer(second).ok());
  EXPECT_TRUE(AwaitAnswer(first).ok());
  On([&] { EXPECT_EQ(order, "12"); });
}

// --- A server that is gone for a while. --------------------------------------

TEST_F(MySqlPoolLossTest, WhoWaitsIsToldThatTheServerIsGone) {
  MakePoolOf(2);
  ASSERT_TRUE(Query("SELECT 1").ok());
  server().Kill();
  for (int i = 0; i < 5; ++i) {
    const auto result = Query("SELECT 2");
    EXPECT_TRUE(absl::IsUnavailable(result.status())) << result.status();
  }
  EXPECT_EQ(State(), "0 idle, 0 busy, 0 connecting, 0 waiting");
  EXPECT_GE(Counts().connect_failures, 5u);
  server().Restart();
  EXPECT_EQ(Query("SELECT 3")->Int(0, 0), 3);
}

TEST_F(MySqlPoolLossTest, AllWhoWaitForOneAttemptAreToldOfItsFailure) {
  MakePoolOf(8);
  server().Kill();
  std::vector<Asked*> asked;
  On([&] {
    for (int i = 0; i < 100; ++i) {
      Asked* const a = &asked_.emplace_back();
      asked.push_back(a);
      a->request = pool_->Query("SELECT 1", kPatient, [a](auto result) {
        a->answers.push_back(std::move(result));
      });
    }
  });
  for (Asked* a : asked) {
    EXPECT_TRUE(absl::IsUnavailable(AwaitAnswer(*a).status()));
  }
  EXPECT_LE(Counts().connect_failures, 8u);
}

TEST_F(MySqlPoolLossTest, AttemptsAreSpacedOut) {
  MakePool({.mysql = OptionsFor(server()),
            .retry = {.initial_delay = absl::Minutes(1),
                      .max_delay = absl::Minutes(1),
                      .jitter = 0}});
  server().Kill();
  EXPECT_TRUE(absl::IsUnavailable(Query("SELECT 1").status()));
  server().Restart();
  const auto result = Query("SELECT 2", {.timeout = absl::Milliseconds(100)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
  EXPECT_EQ(Counts().connect_failures, 1u);
}

// --- Under load. -------------------------------------------------------------

// Asks without end for numbers, each once, and looks at what comes. A `sql` is
// "SELECT $0", or has no rows.
class Askers {
 public:
  Askers(MySqlPool* pool, int count, std::string sql = "SELECT $0")
      : pool_(pool), sql_(std::move(sql)), requests_(count) {
    for (int i = 0; i < count; ++i) AskNext(i);
  }

  void Stop() { stopped_ = true; }
  bool done() const { return open_ == 0; }
  int64_t asked() const { return next_; }
  int64_t right() const { return right_; }
  int64_t wrong() const { return wrong_; }
  int64_t errors() const { return errors_; }
  const std::set<int64_t>& right_numbers() const { return right_numbers_; }

 private:
  static bool IsRight(const MySqlResult& result, int64_t number) {
    if (result.columns() == 0) return true;
    return result.rows() == 1 && result.Int(0, 0) == number;
  }
  void AskNext(int asker) {
    const int64_t number = next_++;
    ++open_;
    requests_[asker] = pool_->Query(
        absl::Substitute(sql_, number), {.timeout = absl::Minutes(1)},
        [this, asker, number](absl::StatusOr<MySqlResult> result) {
          --open_;
          if (!result.ok()) {
            ++errors_;
          } else if (IsRight(*result, number)) {
            ++right_;
            right_numbers_.insert(number);
          } else {
            ++wrong_;
          }
          if (!stopped_) AskNext(asker);
        });
  }

  MySqlPool* const pool_;
  const std::string sql_;
  std::vector<Request> requests_;
  std::set<int64_t> right_numbers_;
  int64_t next_ = 0;
  int64_t open_ = 0;
  int64_t right_ = 0;
  int64_t wrong_ = 0;
  int64_t errors_ = 0;
  bool stopped_ = false;
};

class MySqlPoolLoadTest : public MySqlPoolLossTest {
 protected:
  // The server is killed and started again while they ask; `at_once`: before
  // the loop sees it, so that what it sends again is not told that nobody is
  // there.
  void KillUnderLoad(Askers& askers, bool at_once);
};

void MySqlPoolLoadTest::KillUnderLoad(Askers& askers, bool at_once) {
  for (int round = 0; round < 3; ++round) {
    int64_t right = 0;
    On([&] { right = askers.right(); });
    Await([&] { return askers.right() >= right + 200; });
    int64_t errors = 0;
    uint64_t lost = 0;
    On([&] {
      errors = askers.errors();
      lost = pool_->counts().lost;
    });
    if (at_once) {
      On([&] {
        server().Kill();
        server().Restart();
      });
    } else {
      server().Kill();
    }
    Await([&] {
      return askers.errors() > errors ||
             (at_once && pool_->counts().lost > lost);
    });
    if (!at_once) server().Restart();
  }
  On([&] { askers.Stop(); });
  Await([&] { return askers.done(); });
  On([&] {
    EXPECT_EQ(askers.wrong(), 0);
    EXPECT_EQ(askers.asked(), askers.right() + askers.errors());
    EXPECT_EQ(static_cast<uint64_t>(askers.right()), pool_->counts().answered);
    EXPECT_GT(pool_->counts().lost, 0u) << "it was killed between queries";
  });
}

TEST_F(MySqlPoolLoadTest, KilledAndStartedAgainNothingIsLostOrWrong) {
  MakePoolOf(4);
  std::optional<Askers> askers;
  On([&] { askers.emplace(pool_.get(), 32); });
  KillUnderLoad(*askers, /*at_once=*/false);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Query("SELECT 7")->Int(0, 0), 7);
  On([&] { askers.reset(); });
}

// What is there may be more than was said to be, but none is there twice.
TEST_F(MySqlPoolLoadTest, KilledAndStartedAgainWhatWasInsertedIsThereOnce) {
  server_.reset();
  // A commit is the system's before it is answered.
  StartServer({.flags = {"--innodb-flush-log-at-trx-commit=2"}});
  Tell("CREATE TABLE t (n BIGINT)");
  // Most that are under way when it is killed have been run, so that to send
  // them again would show.
  Tell(
      "CREATE PROCEDURE put(n BIGINT) BEGIN INSERT INTO t VALUES (n); "
      "DO SLEEP(0.005); END");
  MakePoolOf(4);
  std::optional<Askers> askers;
  On([&] { askers.emplace(pool_.get(), 32, "CALL put($0)"); });
  KillUnderLoad(*askers, /*at_once=*/true);
  const MySqlResult rows = Tell("SELECT n FROM t");
  std::multiset<int64_t> there;
  for (size_t row = 0; row < rows.rows(); ++row)
    there.insert(*rows.Int(row, 0));
  for (const int64_t n : there) EXPECT_EQ(there.count(n), 1u) << n;
  On([&] {
    for (const int64_t n : askers->right_numbers()) {
      EXPECT_TRUE(there.contains(n)) << n << " was said to be there";
    }
    askers.reset();
  });
}

TEST_F(MySqlPoolLoadTest, ConnectionsKilledNothingIsLostOrWrong) {
  MakePoolOf(4);
  std::optional<Askers> askers;
  On([&] { askers.emplace(pool_.get(), 32); });
  for (int i = 0; i < 50; ++i) {
    const MySqlResult ids = Tell(
        "SELECT id FROM information_schema.processlist WHERE "
        "user = 'rondo' AND id <> CONNECTION_ID()");
    for (size_t row = 0; row < ids.rows(); ++row) {
      // It may be gone.
      (void)teller_->Query(absl::StrCat("KILL ", *ids.Int(row, 0)), true);
    }
  }
  On([&] { askers->Stop(); });
  Await([&] { return askers->done(); });
  On([&] {
    EXPECT_EQ(askers->wrong(), 0);
    EXPECT_EQ(askers->asked(), askers->right() + askers->errors());
    EXPECT_GT(pool_->counts().lost, 0u) << "all were killed between queries";
    askers.reset();
  });
}

}  // namespace
}  // namespace rondo
