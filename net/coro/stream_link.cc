#include "net/coro/stream_link.h"

#include <utility>

#include "net/coro/task_root.h"

namespace rondo {

// With its loop, in mid-air, if there is still a stream.
StreamLink::~StreamLink() {
  if (stream_ != nullptr) stream_->connection_ = nullptr;
  if (task_ != nullptr) task_->Disown();
}

void StreamLink::HandleInput(Buffer& input) {
  if (stream_ == nullptr) return input.Clear();
  stream_->HandleInput(input, *this);
}

void StreamLink::HandleEnd() {
  if (stream_ != nullptr) stream_->HandleEnd();
}

void StreamLink::HandleWritten() {
  if (stream_ != nullptr) stream_->HandleWritten();
}

// Nothing of a server or client that has been stopped runs any more, nor of a
// loop that has ended.
void StreamLink::HandleClose(const TcpConnection& connection,
                             CloseReason reason) {
  const bool task_ends = reason == CloseReason::kLoopEnded ||
                         reason == CloseReason::kServerStopped ||
                         connection.owner_stopped();
  // It takes its stream with it, unless that is another's by now.
  if (task_ends && task_ != nullptr) task_->Destroy();
  Stream* const stream = std::exchange(stream_, nullptr);
  if (stream != nullptr) stream->HandleClose(reason);
  // Whatever else it waits for is over as well.
  if (!task_ends && task_ != nullptr) task_->RequestStop();
}

void StreamLink::HandleEnd(const std::exception_ptr& exception) {
  task_ = nullptr;
  if (exception) LogUncaught(exception);
}

}  // namespace rondo
