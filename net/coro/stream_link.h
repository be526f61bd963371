#ifndef RONDO_NET_CORO_STREAM_LINK_H_
#define RONDO_NET_CORO_STREAM_LINK_H_

#include <exception>

#include "net/coro/stream.h"
#include "net/coro/task_owner.h"
#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class TaskRoot;

// A connection's context: its stream, wherever that is moved, and the task that
// serves it, if it is a server's.
//
// Threading: the loop's thread only.
// Ownership: the connection's. Neither owns the other.
class StreamLink final : public TaskOwner {
 public:
  explicit StreamLink(Stream* stream) : stream_(stream) {}
  ~StreamLink();

  static StreamLink* Of(TcpConnection& connection) {
    return connection.context<StreamLink>();
  }

  Stream* stream() const { return stream_; }
  void SetStream(Stream* stream) { stream_ = stream; }
  // Hears of its end, and ends it when the connection has closed.
  void SetTask(TaskRoot* task) { task_ = task; }

  // To be called by the connection's callbacks.
  void HandleInput(Buffer& input);
  void HandleEnd();
  void HandleWritten();
  void HandleClose(const TcpConnection& connection, CloseReason reason);

 private:
  void HandleEnd(const std::exception_ptr& exception) override;
  void HandleDestroyed() override { task_ = nullptr; }

  Stream* stream_;            // null when it is gone
  TaskRoot* task_ = nullptr;  // null when it has ended, or there is none
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_LINK_H_
