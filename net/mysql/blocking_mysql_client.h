#ifndef RONDO_NET_MYSQL_BLOCKING_MYSQL_CLIENT_H_
#define RONDO_NET_MYSQL_BLOCKING_MYSQL_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "net/client/backoff.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_result.h"

namespace rondo {

class MySqlHandle;

struct BlockingMySqlClientOptions {
  MySqlOptions mysql = {};
  // How long the server may be silent at a time; in whole seconds, rounded up,
  // as Connector/C has it, and so is mysql.connect_timeout. See "Time" below.
  absl::Duration read_timeout = MySqlQueryOptions::kDefaultTimeout;
  // As in MySqlPoolOptions.
  absl::Duration idle_timeout = absl::Minutes(1);
  int max_sends = 3;
  RetryOptions retry = {.max_delay = absl::Seconds(2)};

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// The same server asked through Connector/C's blocking calls, by threads that
// may wait: those of a ThreadPool. It keeps as many connections as threads have
// asked at the same time; how many may wait is the thread pool's limit.
//
// Resending, retrying and what each query must not leave behind are as in
// MySqlPool, but for one thing: while the server cannot be reached, a query
// that comes before it is time for the next attempt, or while that is under
// way, fails at once. All threads have one Backoff, and attempts that were
// under way together count as one.
//
// Time: read_timeout is for each time the server is silent, not for a query. So
// a query lasts, at most, max_sends times as long as connecting takes and the
// server, sending something now and then, takes for its answer, and for rolling
// back what has failed; and longest if that never ends. connect_timeout is for
// each address that a name has, and not for looking the name up, for which
// Connector/C waits as getaddrinfo() does.
// A query that was given up goes on in the server until that notices; SET
// STATEMENT max_statement_time = … FOR bounds it there.
//
// Threading: all methods are Thread-safe.
// Ownership and lifetime: owns the connections; outlives its queries.
// Errors: as MySqlPool's; DeadlineExceeded if the server was silent for
// read_timeout. What a query has failed of is told even if the server is silent
// when that is to be rolled back.
//
// Example:
//   BlockingMySqlClient client({.mysql = …});
//   auto work = [&client] { return client.Query("SELECT 1"); };
//   (void)Offload(thread_pool, connection, work, then);
class BlockingMySqlClient {
 public:
  // As in MySqlPool.
  struct Counts {
    uint64_t connected = 0;
    uint64_t connect_failures = 0;
    uint64_t resent = 0;
    uint64_t too_large = 0;
    uint64_t lost = 0;
    uint64_t stale = 0;
    uint64_t expired = 0;
  };

  explicit BlockingMySqlClient(BlockingMySqlClientOptions options);
  BlockingMySqlClient(const BlockingMySqlClient&) = delete;
  BlockingMySqlClient& operator=(const BlockingMySqlClient&) = delete;
  ~BlockingMySqlClient();

  // Returns when the answer has come, or will not.
  absl::StatusOr<MySqlResult> Query(const std::string& sql,
                                    bool idempotent = false);

  size_t idle() const;  // connections
  Counts counts() const;

 private:
  using Handle = std::unique_ptr<MySqlHandle>;
  struct Idle {
    Handle handle;
    MonotonicTime since;
  };

  absl::StatusOr<Handle> Acquire();
  Handle TakeIdle();
  void Return(Handle handle);
  absl::StatusOr<Handle> Connect() const;
  absl::StatusOr<int> BeginAttempt();
  void EndAttempt(int failures_before, const absl::Status& status);
  absl::StatusOr<MySqlResult> Ask(const MySqlHandle& handle,
                                  const std::string& sql) const;
  // Leaves in `last_heard` when the last row or result has come.
  absl::StatusOr<MySqlResult> Read(const MySqlHandle& handle,
                                   MonotonicTime& last_heard) const;
  static bool RollBack(const MySqlHandle& handle);
  void Count(uint64_t Counts::*which);

  const BlockingMySqlClientOptions options_;
  const absl::Status options_status_;

  mutable Mutex mu_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mu_);  // the one used last is last
  Counts counts_ ABSL_GUARDED_BY(mu_);
  Backoff backoff_ ABSL_GUARDED_BY(mu_);
  bool retrying_ ABSL_GUARDED_BY(mu_) = false;  // one attempt is under way
  MonotonicTime retry_at_ ABSL_GUARDED_BY(mu_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_BLOCKING_MYSQL_CLIENT_H_
