#ifndef RONDO_NET_CORO_STREAM_WRITE_AWAITER_H_
#define RONDO_NET_CORO_STREAM_WRITE_AWAITER_H_

#include <coroutine>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "net/coro/suspension.h"

namespace rondo {

class Stream;
class TcpConnection;

// See Stream::Flush() and Shutdown().
class [[nodiscard]] StreamWriteAwaiter : public Suspension {
 public:
  // kBelowMark: until no more is queued than the high water mark.
  enum class Until : uint8_t { kBelowMark, kAllSent, kAllSentAndFin };

  StreamWriteAwaiter(Stream* stream, Until until)
      : until_(until), stream_(stream) {}
  StreamWriteAwaiter(StreamWriteAwaiter&&) = default;

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  absl::Status await_resume() const;

 protected:
  // False if it need not.
  bool Wait();
  void SetRefused() { refused_ = true; }
  TcpConnection* connection() const;

 private:
  friend class Stream;

  bool IsOver() const;
  bool Withdraw() override {
    LeaveList();
    return true;
  }

  const Until until_;
  bool refused_ = false;
  Stream* const stream_;
};

// See Stream::Write().
template <typename Bytes>
class [[nodiscard]] StreamSendAwaiter final : public StreamWriteAwaiter {
 public:
  StreamSendAwaiter(Stream* stream, Bytes bytes)
      : StreamWriteAwaiter(stream, Until::kBelowMark),
        bytes_(std::move(bytes)) {}

  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && SendAndWait();
  }

 private:
  bool SendAndWait();

  Bytes bytes_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_WRITE_AWAITER_H_
