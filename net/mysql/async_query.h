#ifndef RONDO_NET_MYSQL_ASYNC_QUERY_H_
#define RONDO_NET_MYSQL_ASYNC_QUERY_H_

#include <coroutine>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/client/request.h"
#include "net/coro/suspension.h"
#include "net/mysql/mysql_options.h"
#include "net/mysql/mysql_pool.h"
#include "net/mysql/mysql_result.h"

namespace rondo {

// See AsyncQuery().
class [[nodiscard]] QueryAwaiter final : public Suspension {
 public:
  QueryAwaiter(MySqlPool* pool, std::string sql,
               const MySqlQueryOptions& options)
      : pool_(pool), sql_(std::move(sql)), options_(options) {}
  QueryAwaiter(QueryAwaiter&&) = default;
  ~QueryAwaiter() { asking_ = false; }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    Begin();
    return true;
  }
  absl::StatusOr<MySqlResult> await_resume() { return std::move(result_); }

 private:
  class Callback;

  void Begin();
  void HandleForgotten();
  bool Withdraw() override {
    asking_ = false;
    request_.Withdraw();
    return true;
  }

  MySqlPool* const pool_;
  std::string sql_;
  const MySqlQueryOptions options_;
  bool asking_ = false;
  Request request_;
  absl::StatusOr<MySqlResult> result_ =
      absl::CancelledError("the task is to stop");
};

// Asks and goes on with the answer. The pool is this loop's.
//
// Errors: as MySqlPool's; Cancelled, at once, if the task is to stop, be it
// that the query waits, when it is not sent, or that it was. Cancelled, too, if
// the pool is destroyed meanwhile.
//
// Example:
//   const auto result = co_await AsyncQuery(pool, "SELECT 1");
//   if (!result.ok()) co_return Fail(result.status());
inline QueryAwaiter AsyncQuery(MySqlPool& pool, std::string sql,
                               const MySqlQueryOptions& options = {}) {
  return QueryAwaiter(&pool, std::move(sql), options);
}

}  // namespace rondo

#endif  // RONDO_NET_MYSQL_ASYNC_QUERY_H_
