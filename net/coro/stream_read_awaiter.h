#ifndef RONDO_NET_CORO_STREAM_READ_AWAITER_H_
#define RONDO_NET_CORO_STREAM_READ_AWAITER_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/coro/suspension.h"
#include "net/coro/task.h"

namespace rondo {

class Buffer;
class Stream;

// See Stream::Read(), Peek() and ReadExactly().
class [[nodiscard]] StreamReadAwaiter : public Suspension {
 public:
  enum class Kind : uint8_t { kSome, kPeek, kExactly, kUntil };

  StreamReadAwaiter(Stream* stream, Kind kind, size_t bytes);
  StreamReadAwaiter(StreamReadAwaiter&&) = default;
  ~StreamReadAwaiter() {
    if (waiting()) Forget();
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return Suspend(frame) && Wait();
  }
  absl::StatusOr<std::string_view> await_resume();

 private:
  friend class Stream;

  // False if it need not.
  bool Wait();
  void Forget();
  // There is nothing more to wait for. Sets `found_` if it has come.
  bool IsOver();
  bool IsTooMuch() const;
  bool Find(const Buffer& input);
  bool Withdraw() override;

  // In this order they lie close together, of which frames get smaller.
  const Kind kind_;
  bool too_long_ = false;
  const uint32_t bytes_;  // as many, or at most as many
  Stream* const stream_;
  uint32_t found_ = 0;  // how many of the input are what is asked for
};

// See Stream::ReadUntil().
class [[nodiscard]] StreamUntilAwaiter final : public StreamReadAwaiter {
 public:
  StreamUntilAwaiter(Stream* stream, std::string_view delimiter,
                     size_t max_bytes)
      : StreamReadAwaiter(stream, Kind::kUntil, max_bytes),
        delimiter_(delimiter) {}

 private:
  friend class StreamReadAwaiter;

  // Where it ends, or npos.
  size_t Search(std::string_view input);

  uint32_t searched_ = 0;  // of the input
  const std::string_view delimiter_;
};

// For WhenAll() and the like: what is read is copied, for it does not last
// until they are over. (Tasks of your own that give views into a stream would
// give what is not there any more.)
Task<absl::StatusOr<std::string>> AsTask(StreamReadAwaiter read);
Task<absl::StatusOr<std::string>> AsTask(StreamUntilAwaiter read);

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_READ_AWAITER_H_
