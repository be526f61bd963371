#ifndef RONDO_NET_HTTP_CORO_RESPONSE_WRITE_AWAITER_H_
#define RONDO_NET_HTTP_CORO_RESPONSE_WRITE_AWAITER_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/unique_fd.h"
#include "net/coro/suspension.h"

namespace rondo {

class AsyncResponse;
class ResponseWriter;

// What AsyncResponse::Write() and WriteFile() have in common.
class ResponseWriteAwaiter : public Suspension {
 public:
  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  absl::Status await_resume() const;

 protected:
  // `at_once`: it need not wait for the answer's turn.
  ResponseWriteAwaiter(AsyncResponse* response, bool at_once)
      : response_(response), at_once_(at_once) {}
  ResponseWriteAwaiter(ResponseWriteAwaiter&&) = default;

  void SetRefused() { refused_ = true; }

 private:
  friend class AsyncResponse;

  // Writes what there is room for; true if it has written all.
  virtual bool Put(ResponseWriter& writer) = 0;

  // False if it need not.
  bool Wait();
  // True if the task may go on.
  bool GoOn(ResponseWriter& writer);
  bool Withdraw() override {
    LeaveList();
    return true;
  }

  AsyncResponse* const response_;
  const bool at_once_;
  bool refused_ = false;
};

// See AsyncResponse::Write().
class [[nodiscard]] PieceWriteAwaiter final : public ResponseWriteAwaiter {
 public:
  PieceWriteAwaiter(AsyncResponse* response, std::string_view piece)
      : ResponseWriteAwaiter(response, /*at_once=*/true), piece_(piece) {}

 private:
  bool Put(ResponseWriter& writer) override;

  const std::string_view piece_;
  bool written_ = false;
};

// See AsyncResponse::WriteFile().
class [[nodiscard]] FileWriteAwaiter final : public ResponseWriteAwaiter {
 public:
  FileWriteAwaiter(AsyncResponse* response,
                   std::shared_ptr<const UniqueFd> file, uint64_t offset,
                   uint64_t bytes)
      : ResponseWriteAwaiter(response, /*at_once=*/false),
        file_(std::move(file)),
        offset_(offset),
        bytes_(bytes) {}

 private:
  bool Put(ResponseWriter& writer) override;

  const std::shared_ptr<const UniqueFd> file_;
  uint64_t offset_;
  uint64_t bytes_;  // that are left
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_RESPONSE_WRITE_AWAITER_H_
