#ifndef RONDO_TESTS_NET_MYSQL_MYSQL_FIXTURE_H_
#define RONDO_TESTS_NET_MYSQL_MYSQL_FIXTURE_H_

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "net/mysql/blocking_mysql_client.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_pool.h"
#include "net/mysql/mysql_result.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/testing/mariadb_server.h"

namespace rondo {

inline constexpr absl::Duration kForever = absl::InfiniteDuration();

// How to reach `server` as the user who may do anything.
MySqlOptions OptionsFor(const MariaDbServer& server);
// The same over TCP.
MySqlOptions TcpOptionsFor(const MariaDbServer& server);

// A query that the test has asked, and its answers: the loop's.
struct Asked {
  Request request = {};
  std::vector<absl::StatusOr<MySqlResult>> answers = {};
  std::function<void()> on_answer = nullptr;
};

// A pool on a loop with a thread of its own. The test says step by step what
// to do and waits until that is done.
class MySqlFixture : public ::testing::Test {
 protected:
  // `clock` null: the machine's.
  explicit MySqlFixture(const Clock* clock = nullptr);
  ~MySqlFixture() override;

  void StartServer(MariaDbServer::Options options = {});
  MariaDbServer& server() { return *server_; }
  // Another client, for what the server is to be told behind the pool's back.
  MySqlResult Tell(const std::string& sql);

  void MakePool(MySqlPoolOptions options);
  // For the server.
  void MakePool() { MakePool({.mysql = OptionsFor(server())}); }
  void DestroyPool();
  // Runs `f` on the loop.
  void On(absl::FunctionRef<void()> f) { thread_->loop()->RunAndWait(f); }
  // Returns when `predicate` has become true on the loop.
  void Await(absl::FunctionRef<bool()> predicate);

  Asked& Ask(std::string sql, MySqlQueryOptions options = {.timeout = kForever},
             std::function<void()> on_answer = nullptr);
  // Its only answer, as soon as it has come.
  absl::StatusOr<MySqlResult> AwaitAnswer(Asked& asked);
  // Both.
  absl::StatusOr<MySqlResult> Query(std::string sql,
                                    MySqlQueryOptions options = {
                                        .timeout = kForever});
  size_t CountAnswers(const Asked& asked);

  // As "1 idle, 0 busy, 0 connecting, 2 waiting".
  std::string State();
  void AwaitState(const std::string& state);
  MySqlPool::Counts Counts();
  // Returns when the server is busy with so many queries like this.
  void AwaitRunning(const std::string& like, int count);
  // Between them no `SELECT GET_LOCK('name', 1000)` is answered.
  void TakeLock(const std::string& name = "it");
  void ReleaseLock(const std::string& name = "it");

  std::optional<MariaDbServer> server_;
  std::optional<BlockingMySqlClient> teller_;
  std::unique_ptr<EventLoopThread> thread_;
  std::unique_ptr<MySqlPool> pool_;
  std::deque<Asked> asked_;
  bool in_call_ = false;  // when nobody is to be called back

 private:
  std::string StateHere() const;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_MYSQL_MYSQL_FIXTURE_H_
