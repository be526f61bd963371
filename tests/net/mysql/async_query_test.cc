// Queries that coroutines await.
#include "net/mysql/async_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "net/coro/task_scope.h"
#include "net/coro/with_timeout.h"
#include "tests/net/mysql/mysql_fixture.h"
#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

using Result = absl::StatusOr<MySqlResult>;

constexpr char kSleep[] = "SELECT SLEEP(1000)";
constexpr MySqlQueryOptions kPatient = {.timeout = kForever};

class AsyncQueryTest : public MySqlFixture {
 protected:
  AsyncQueryTest() {
    StartServer();
    MakePool({.mysql = OptionsFor(server()), .max_connections = 1});
  }
  ~AsyncQueryTest() override {
    On([&] { scope_.reset(); });
  }

  static Task<> Record(MySqlPool* pool, std::string sql,
                       MySqlQueryOptions options, std::vector<Result>* results,
                       std::shared_ptr<void>) {
    results->push_back(co_await AsyncQuery(*pool, std::move(sql), options));
  }
  Task<> RecordTask(std::string sql, std::shared_ptr<void> frame = nullptr,
                    MySqlQueryOptions options = kPatient) {
    return Record(pool_.get(), std::move(sql), options, &results_,
                  std::move(frame));
  }
  // In a scope that the test can stop and destroy.
  void Start(std::string sql) {
    On([&] {
      if (!scope_.has_value()) scope_.emplace(thread_->loop());
      scope_->Spawn(RecordTask(std::move(sql)));
    });
  }
  Result AwaitResult() {
    Result result = absl::UnknownError("none");
    Await([&] { return !results_.empty(); });
    On([&] {
      EXPECT_EQ(results_.size(), 1u);
      result = results_[0];
      results_.clear();
    });
    return result;
  }

  std::vector<Result> results_;
  std::optional<TaskScope> scope_;
};

TEST_F(AsyncQueryTest, GivesRows) {
  Start("SELECT 1");
  const Result result = AwaitResult();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->Int(0, 0), 1);
}

TEST_F(AsyncQueryTest, GivesErrors) {
  Start("SELEKT");
  EXPECT_TRUE(absl::IsInvalidArgument(AwaitResult().status()));
}

TEST_F(AsyncQueryTest, GivesDeadlines) {
  On([&] {
    Spawn(thread_->loop(),
          RecordTask(kSleep, nullptr, {.timeout = absl::Milliseconds(50)}));
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitResult().status()));
}

Task<> AskInTurn(MySqlPool* pool, int first, int count, int* right) {
  for (int i = first; i < first + count; ++i) {
    const Result result =
        co_await AsyncQuery(*pool, absl::StrCat("SELECT ", i));
    if (result.ok() && result->Int(0, 0) == i) ++*right;
  }
}

TEST_F(AsyncQueryTest, ManyTasksEachGetTheirOwn) {
  int right = 0;
  On([&] {
    scope_.emplace(thread_->loop());
    for (int i = 0; i < 50; ++i) {
      scope_->Spawn(AskInTurn(pool_.get(), 100 * i, 10, &right));
    }
  });
  Await([&] { return scope_->size() == 0; });
  On([&] { EXPECT_EQ(right, 500); });
}

// --- Stops. ------------------------------------------------------------------

TEST_F(AsyncQueryTest, StoppedBeforeItAsksNothingIsSent) {
  std::stop_source stop;
  stop.request_stop();
  static constexpr auto kBody = [](MySqlPool* pool,
                                   std::vector<Result>* results) -> Task<> {
    (void)co_await SleepFor(absl::Minutes(1));  // ends at once
    results->push_back(co_await AsyncQuery(*pool, kSleep));
  };
  On([&] {
    Spawn(thread_->loop(), kBody(pool_.get(), &results_),
          {.stop = stop.get_token()});
  });
  EXPECT_TRUE(absl::IsCancelled(AwaitResult().status()));
  EXPECT_EQ(State(), "0 idle, 0 busy, 0 connecting, 0 waiting");
}

TEST_F(AsyncQueryTest, StoppedWhileItWaitsForAConnectionItIsNotSent) {
  Ask(kSleep);
  AwaitRunning(kSleep, 1);
  Start("SELECT 1");
  AwaitState("0 idle, 1 busy, 0 connecting, 1 waiting");
  On([&] {
    scope_->RequestStop();
    EXPECT_EQ(pool_->waiting(), 0u);
  });
  EXPECT_TRUE(absl::IsCancelled(AwaitResult().status()));
  EXPECT_EQ(State(), "0 idle, 1 busy, 0 connecting, 0 waiting");
}

TEST_F(AsyncQueryTest, StoppedWhileTheServerIsBusyItEndsAtOnce) {
  Start(kSleep);
  AwaitRunning(kSleep, 1);
  On([&] { scope_->RequestStop(); });
  EXPECT_TRUE(absl::IsCancelled(AwaitResult().status()));
  // The connection is the query's until that has an answer.
  EXPECT_EQ(State(), "0 idle, 1 busy, 0 connecting, 0 waiting");
}

TEST_F(AsyncQueryTest, WhatComesAfterAStopReachesNobody) {
  TakeLock();
  Start("SELECT GET_LOCK('it', 1000), 'stopped'");
  AwaitRunning("%stopped%", 1);
  On([&] { scope_->RequestStop(); });
  EXPECT_TRUE(absl::IsCancelled(AwaitResult().status()));
  Start("SELECT 'next'");
  ReleaseLock();
  EXPECT_EQ(AwaitResult()->Text(0, 0), "next");
  EXPECT_EQ(Counts().connected, 1u);
}

TEST_F(AsyncQueryTest, StoppedByAnotherThreadItHasOneResult) {
  for (int i = 0; i < 100; ++i) {
    std::stop_source stop;
    On([&] {
      Spawn(thread_->loop(), RecordTask("SELECT 1"),
            {.stop = stop.get_token()});
    });
    stop.request_stop();
    const Result result = AwaitResult();
    if (result.ok()) {
      EXPECT_EQ(result->Int(0, 0), 1);
    } else {
      EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
    }
  }
  On([&] { EXPECT_TRUE(results_.empty()); });
}

TEST_F(AsyncQueryTest, AStopAfterTheAnswerIsNotHeard) {
  Start("SELECT 1");
  EXPECT_TRUE(AwaitResult().ok());
  On([&] { scope_->RequestStop(); });
  On([&] { EXPECT_TRUE(results_.empty()); });
}

Task<> AskWithTimeout(MySqlPool* pool, std::vector<Result>* results) {
  results->push_back(co_await WithTimeout(absl::Milliseconds(50),
                                          AsyncQuery(*pool, kSleep, kPatient)));
}

TEST_F(AsyncQueryTest, WorksWithTimeouts) {
  On([&] { Spawn(thread_->loop(), AskWithTimeout(pool_.get(), &results_)); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(AwaitResult().status()));
}

// --- Ends. -------------------------------------------------------------------

TEST_F(AsyncQueryTest, ATaskThatIsDestroyedHearsNothing) {
  Start(kSleep);
  AwaitRunning(kSleep, 1);
  Start("SELECT 1");
  AwaitState("0 idle, 1 busy, 0 connecting, 1 waiting");
  On([&] {
    scope_.reset();
    EXPECT_TRUE(results_.empty());
    EXPECT_EQ(pool_->waiting(), 0u);
  });
}

TEST_F(AsyncQueryTest, APoolThatIsDestroyedCancels) {
  Start(kSleep);
  AwaitRunning(kSleep, 1);
  Start("SELECT 1");
  AwaitState("0 idle, 1 busy, 0 connecting, 1 waiting");
  DestroyPool();
  Await([&] { return results_.size() == 2; });
  On([&] {
    for (const Result& r : results_) {
      EXPECT_TRUE(absl::IsCancelled(r.status())) << r.status();
    }
    EXPECT_EQ(scope_->size(), 0u);
  });
}

TEST_F(AsyncQueryTest, AResultMayDestroyThePool) {
  static constexpr auto kBody = [](std::unique_ptr<MySqlPool>* pool,
                                   std::vector<Result>* results) -> Task<> {
    Result result = co_await AsyncQuery(**pool, "SELECT 1");
    pool->reset();
    results->push_back(std::move(result));
  };
  On([&] { Spawn(thread_->loop(), kBody(&pool_, &results_)); });
  EXPECT_TRUE(AwaitResult().ok());
}

TEST_F(AsyncQueryTest, TasksGoWithTheirLoop) {
  bool gone = false;
  On([&] {
    Spawn(thread_->loop(),
          RecordTask(kSleep, OnDestroy([&gone] { gone = true; })));
  });
  AwaitRunning(kSleep, 1);
  thread_->Stop();
  EXPECT_TRUE(gone);
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace rondo
