#ifndef RONDO_NET_CORO_STREAM_H_
#define RONDO_NET_CORO_STREAM_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/coro/task.h"
#include "net/coro/task_context.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class Buffer;
class StreamLink;

// A TcpConnection for coroutines, who read it when they want to: what they do
// not ask for waits in the kernel, and a peer that does not read makes Write()
// wait, above its high water mark. Limits, deadlines and draining are the
// connection's; while the task waits for anything but input it owes an answer,
// and a server that drains waits for it.
//
// Threading: the loop's thread only. One task reads at a time; several may
// write.
// Ownership and lifetime: a move-only value, moved only while nobody waits on
// it. Destroying it closes the connection once what was written is sent. The
// connection may close before. Its context slot is the stream's.
// Errors: once the connection has closed, each call gives why: Unavailable (RST
// or an error of the socket), DeadlineExceeded, ResourceExhausted (a limit),
// Cancelled (closed by this side); a Stop() that the task was asked for gives
// Cancelled at once. The peer's FIN is no error: it ends what is read, and
// nothing else.
//
// Example:
//   Task<> Echo(Stream stream) {
//     while (true) {
//       const auto bytes = co_await stream.Read();
//       if (!bytes.ok() || bytes->empty()) co_return;
//       if (!(co_await stream.Write(*bytes)).ok()) co_return;
//     }
//   }
class Stream {
 public:
  class ReadAwaiter;
  class UntilAwaiter;
  class WriteAwaiter;
  template <typename Bytes>
  class SendAwaiter;

  // Requires: its callbacks are those of stream_callbacks.h.
  explicit Stream(TcpConnection& connection);
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  // What has come, at most so much; empty at the end of the stream. As with the
  // others, the bytes are good until the task waits for anything.
  ReadAwaiter Read(size_t max_bytes = std::numeric_limits<size_t>::max());
  // The same without taking it: how to wait for the first byte of something.
  ReadAwaiter Peek();
  // So many bytes. OutOfRange, and what there is stays, if the stream ends
  // before; ResourceExhausted if they are more than the connection may keep.
  ReadAwaiter ReadExactly(size_t bytes);
  // Everything up to and with `delimiter`, which is borrowed until then. As
  // above; ResourceExhausted if the first `max_bytes` do not have it. Requires:
  // neither is empty.
  UntilAwaiter ReadUntil(std::string_view delimiter, size_t max_bytes);

  // Queues the bytes, copied, moved or shared, and waits while more is queued
  // than the high water mark. A task that is asked to stop while it waits has
  // queued them; one that was asked before has not.
  SendAwaiter<std::string_view> Write(std::string_view bytes);
  SendAwaiter<std::string_view> Write(const char* text);
  SendAwaiter<std::string> Write(std::string&& bytes);
  SendAwaiter<std::shared_ptr<const std::string>> Write(
      std::shared_ptr<const std::string> payload);
  // Waits until the kernel has taken all that was written.
  WriteAwaiter Flush();
  // The same, and FIN behind it: nothing is written after.
  WriteAwaiter Shutdown();

  // For all else that it can do; null once it has closed.
  TcpConnection* connection() const { return connection_; }
  // Why it has closed; OK before.
  absl::Status status() const;

 private:
  friend class ReadAwaiter;
  friend class StreamLink;
  friend class WriteAwaiter;

  void Await(ReadAwaiter& reader);
  void PassAgain();
  void HandleInput(Buffer& input, StreamLink& link);
  void HandleEnd();
  void HandleClose(CloseReason reason);
  void HandleWritten();
  std::string_view Take(size_t bytes);

  TcpConnection* connection_;  // null once it has closed, or if moved from
  Buffer* input_ = nullptr;    // what has come, while its handler runs
  ReadAwaiter* reader_ = nullptr;
  SuspensionList writers_;
  CloseReason reason_ = CloseReason::kLocalClosed;
  bool ended_ = false;        // the peer has sent FIN
  bool paused_ = false;       // input has come that nobody waits for
  bool asked_again_ = false;  // for what came before there was a reader
};

// See Stream::Read(), Peek() and ReadExactly().
class [[nodiscard]] Stream::ReadAwaiter : public Suspension {
 public:
  enum class Kind : uint8_t { kSome, kPeek, kExactly, kUntil };

  ReadAwaiter(Stream* stream, Kind kind, size_t bytes);
  ReadAwaiter(ReadAwaiter&&) = default;
  ~ReadAwaiter() {
    if (waiting()) stream_->reader_ = nullptr;
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    if (IsOver()) return Unsuspend();
    stream_->Await(*this);
    return true;
  }
  absl::StatusOr<std::string_view> await_resume();

 private:
  friend class Stream;

  // There is nothing more to wait for. Sets `found_` if it has come.
  bool IsOver();
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
class [[nodiscard]] Stream::UntilAwaiter final : public ReadAwaiter {
 public:
  UntilAwaiter(Stream* stream, std::string_view delimiter, size_t max_bytes)
      : ReadAwaiter(stream, Kind::kUntil, max_bytes), delimiter_(delimiter) {}

 private:
  friend class ReadAwaiter;

  // Where it ends, or npos.
  size_t Search(std::string_view input);

  uint32_t searched_ = 0;  // of the input
  const std::string_view delimiter_;
};

// See Stream::Flush() and Shutdown().
class [[nodiscard]] Stream::WriteAwaiter : public Suspension {
 public:
  // kBelowMark: until no more is queued than the high water mark.
  enum class Until : uint8_t { kBelowMark, kAllSent, kAllSentAndFin };

  WriteAwaiter(Stream* stream, Until until) : until_(until), stream_(stream) {}
  WriteAwaiter(WriteAwaiter&&) = default;

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
  TcpConnection* connection() const { return stream_->connection_; }

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
class [[nodiscard]] Stream::SendAwaiter final : public WriteAwaiter {
 public:
  SendAwaiter(Stream* stream, Bytes bytes)
      : WriteAwaiter(stream, Until::kBelowMark), bytes_(std::move(bytes)) {}

  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    if (connection() == nullptr || !connection()->Send(std::move(bytes_))) {
      SetRefused();
    }
    return Wait();
  }

 private:
  Bytes bytes_;
};

// For WhenAll() and the like: what is read is copied, for it does not last
// until they are over. (Tasks of your own that give views into a stream would
// give what is not there any more.)
Task<absl::StatusOr<std::string>> AsTask(Stream::ReadAwaiter read);
Task<absl::StatusOr<std::string>> AsTask(Stream::UntilAwaiter read);

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_H_
