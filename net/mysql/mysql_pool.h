#ifndef RONDO_NET_MYSQL_MYSQL_POOL_H_
#define RONDO_NET_MYSQL_MYSQL_POOL_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/client/backoff.h"
#include "net/client/request.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_result.h"

namespace rondo {

class EventLoop;

struct MySqlPoolOptions {
  MySqlOptions mysql = {};
  // Open and being opened.
  size_t max_connections = 8;
  // Queries that wait for one while none is idle for them; beyond these:
  // ResourceExhausted.
  size_t max_waiting = 10'000;
  // How long one that nobody uses stays open. Less than the server's
  // wait_timeout, so that it is this side that closes it.
  absl::Duration idle_timeout = absl::Minutes(1);
  // How often one query is sent at most, see MySqlQueryOptions::idempotent.
  int max_sends = 3;
  // When to try again to connect, while the server cannot be reached.
  // max_attempts is 0: somebody may always ask again.
  RetryOptions retry = {.max_delay = absl::Seconds(2)};

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

// A loop's connections to one MySQL or MariaDB server, and who waits for them.
//
//   Query() ──► waits ──► an idle connection, the one used last ──► answer
//                 │   └─► a new one, if there may be one
//                 └─────► the deadline: DeadlineExceeded
//
// First come, first served. Each query has one answer, its own: a connection
// whose query was given up is closed, so that no later one can get what comes.
// (The server may still be busy with it.)
//
// A query that the server surely has not got is sent again; one that it may
// have run is not, unless it is marked as idempotent. While the server cannot
// be reached, queries wait for the next attempt to connect, and if that fails
// are told why: the attempts come as RetryOptions say, one at a time.
//
// Each query stands for itself. One that leaves a transaction open fails, and
// is rolled back. So is one that fails, before it is answered, which takes
// another question to the server: it may have been a procedure. (If its
// deadline passes meanwhile, the answer is still what it has failed of, and
// closing the connection rolls it back.) What else a session keeps (SET,
// temporary tables, locks) is found by whoever gets the connection next: don't.
//
// Threading: the loop's thread only, without locks: one pool for each loop.
// Ownership and lifetime: borrows the loop. Destroying it forgets who waits and
// closes the connections, without waiting for anything. Any callback may
// destroy it.
// Errors: MySqlError()'s; DeadlineExceeded; ResourceExhausted if too many wait
// or a result is too large; FailedPrecondition, see above; InvalidArgument for
// bad options.
//
// Example:
//   MySqlPool pool(loop, {.mysql = {.server = *Endpoint::Parse(
//                                       "unix:/run/mysqld/mysqld.sock"),
//                                   .user = "app"}});
//   request_ = pool.Query("SELECT 1", {}, [](absl::StatusOr<MySqlResult> r) {
//     if (r.ok()) LOG(INFO) << *r->Int(0, 0);
//   });
class MySqlPool {
 public:
  struct Counts {
    uint64_t answered = 0;   // queries with a result
    uint64_t failed = 0;     // queries with an error, all but the next two
    uint64_t refused = 0;    // too many waited
    uint64_t timed_out = 0;  // no answer in time
    uint64_t resent = 0;     // queries sent again
    uint64_t too_large = 0;  // results beyond a limit of MySqlOptions
    uint64_t connected = 0;
    uint64_t connect_failures = 0;
    uint64_t lost = 0;     // ended by an error, or a query that was given up
    uint64_t stale = 0;    // idle, closed by the server
    uint64_t expired = 0;  // idle for too long
  };

  using Callback = absl::AnyInvocable<void(absl::StatusOr<MySqlResult>)>;

  MySqlPool(EventLoop* loop, MySqlPoolOptions options);
  MySqlPool(const MySqlPool&) = delete;
  MySqlPool& operator=(const MySqlPool&) = delete;
  ~MySqlPool();

  // Calls `callback` once, unless the loop ends before, from the loop and never
  // from inside this call. Withdrawn, a query that has been sent keeps its
  // connection until the server has answered or its time is over.
  Request Query(std::string sql, const MySqlQueryOptions& options,
                Callback callback);

  size_t idle() const;        // connections
  size_t busy() const;        // connections
  size_t connecting() const;  // connections
  size_t waiting() const;     // queries
  const Counts& counts() const;

 private:
  class Core;  // see mysql_pool_core.h

  EventLoop* const loop_;
  Core* const core_;  // owned; outlives this by the rest of a turn
};

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_MYSQL_POOL_H_
