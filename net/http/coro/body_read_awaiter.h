#ifndef RONDO_NET_HTTP_CORO_BODY_READ_AWAITER_H_
#define RONDO_NET_HTTP_CORO_BODY_READ_AWAITER_H_

#include <coroutine>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/coro/suspension.h"
#include "net/coro/task.h"

namespace rondo {

class AsyncRequest;

// See AsyncRequest::Read().
class [[nodiscard]] BodyReadAwaiter final : public Suspension {
 public:
  explicit BodyReadAwaiter(AsyncRequest* request) : request_(request) {}
  BodyReadAwaiter(BodyReadAwaiter&&) = default;
  ~BodyReadAwaiter() {
    if (waiting()) Forget();
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  absl::StatusOr<std::string_view> await_resume();

 private:
  friend class AsyncRequest;

  // False if it need not.
  bool Wait();
  void Forget();
  bool Withdraw() override {
    Forget();
    return true;
  }

  AsyncRequest* const request_;
};

// For WhenAll() and the like: what is read is copied, see StreamReadAwaiter.
Task<absl::StatusOr<std::string>> AsTask(BodyReadAwaiter read);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_BODY_READ_AWAITER_H_
