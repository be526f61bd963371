#include "net/mysql/async_query.h"

namespace rondo {

// What the pool keeps; destroyed without being called if the pool goes.
class QueryAwaiter::Callback {
 public:
  explicit Callback(QueryAwaiter* awaiter) : awaiter_(awaiter) {}
  Callback(Callback&& other) noexcept
      : awaiter_(std::exchange(other.awaiter_, nullptr)) {}
  Callback& operator=(Callback&&) = delete;
  ~Callback() {
    if (awaiter_ != nullptr) awaiter_->HandleForgotten();
  }

  void operator()(absl::StatusOr<MySqlResult> result) {
    QueryAwaiter& awaiter = *std::exchange(awaiter_, nullptr);
    awaiter.asking_ = false;
    awaiter.result_ = std::move(result);
    awaiter.Resume();
  }

 private:
  QueryAwaiter* awaiter_;
};

void QueryAwaiter::Begin() {
  asking_ = true;
  request_ = pool_->Query(std::move(sql_), options_, Callback(this));
}

// Also if it is the awaiter itself that withdraws the question.
void QueryAwaiter::HandleForgotten() {
  if (!std::exchange(asking_, false)) return;
  result_ = absl::CancelledError("the pool of connections is gone");
  ResumeSoon();
}

}  // namespace rondo
