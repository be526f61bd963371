#ifndef RONDO_NET_CORO_STREAM_H_
#define RONDO_NET_CORO_STREAM_H_

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "net/coro/stream_read_awaiter.h"
#include "net/coro/stream_write_awaiter.h"
#include "net/coro/suspension_list.h"
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
// DataLoss (a file that was to be sent), Cancelled (closed by this side); a
// Stop() that the task was asked for gives Cancelled at once. The peer's FIN is
// no error: it ends what is read, and nothing else.
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
  // Requires: its callbacks are those of stream_callbacks.h.
  explicit Stream(TcpConnection& connection);
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  // What has come, at most so much; empty at the end of the stream. As with the
  // others, the bytes are good until the task waits for anything.
  StreamReadAwaiter Read(size_t max_bytes = std::numeric_limits<size_t>::max());
  // The same without taking it: how to wait for the first byte of something.
  StreamReadAwaiter Peek();
  // So many bytes. OutOfRange, and what there is stays, if the stream ends
  // before; ResourceExhausted, at once and without taking any, if they are more
  // than the connection may keep, see ConnectionLimits::max_input_bytes.
  StreamReadAwaiter ReadExactly(size_t bytes);
  // Everything up to and with `delimiter`, which is borrowed until then.
  // OutOfRange as above; ResourceExhausted, and what there is stays, if the
  // first `max_bytes` do not have it. If they are more than the connection may
  // keep, it closes before. Requires: neither is empty.
  StreamUntilAwaiter ReadUntil(std::string_view delimiter, size_t max_bytes);

  // Queues the bytes, copied, moved or shared, and waits while more is queued
  // than the high water mark. A task that is asked to stop while it waits has
  // queued them; one that was asked before has not.
  StreamSendAwaiter<std::string_view> Write(std::string_view bytes);
  StreamSendAwaiter<std::string_view> Write(const char* text);
  StreamSendAwaiter<std::string> Write(std::string&& bytes);
  StreamSendAwaiter<std::shared_ptr<const std::string>> Write(
      std::shared_ptr<const std::string> payload);
  // Waits until the kernel has taken all that was written.
  StreamWriteAwaiter Flush();
  // The same, and FIN behind it: nothing is written after.
  StreamWriteAwaiter Shutdown();

  // For all else that it can do; null once it has closed.
  TcpConnection* connection() const { return connection_; }
  // Why it has closed; OK before.
  absl::Status status() const;

 private:
  friend class StreamReadAwaiter;
  friend class StreamLink;
  friend class StreamWriteAwaiter;

  void Await(StreamReadAwaiter& reader);
  void PassAgain();
  void HandleInput(Buffer& input, StreamLink& link);
  void HandleEnd();
  void HandleClose(CloseReason reason);
  void HandleWritten();
  std::string_view Take(size_t bytes);

  TcpConnection* connection_;  // null once it has closed, or if moved from
  Buffer* input_ = nullptr;    // what has come, while its handler runs
  StreamReadAwaiter* reader_ = nullptr;
  SuspensionList writers_;
  CloseReason reason_ = CloseReason::kLocalClosed;
  bool ended_ = false;        // the peer has sent FIN
  bool paused_ = false;       // input has come that nobody waits for
  bool asked_again_ = false;  // for what came before there was a reader
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_H_
