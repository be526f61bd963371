#include "net/coro/stream_link.h"

#include <utility>

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

// Nothing of a server or client runs any more that has been stopped, nor of a
// loop that has ended.
void StreamLink::HandleClose(const TcpConnection& connection,
                             CloseReason reason) {
  Stream* const stream = std::exchange(stream_, nullptr);
  TaskRoot* const task = task_;
  const bool ends_task =
      reason == CloseReason::kLoopEnded || connection.owner_stopped();
  if (stream != nullptr &&
      (reason == CloseReason::kLoopEnded || (ends_task && task != nullptr))) {
    stream->connection_ = nullptr;
  } else if (stream != nullptr) {
    stream->HandleClose(reason);
  }
  if (task == nullptr) return;
  if (ends_task) {
    task->Destroy();
  } else {
    task->RequestStop();  // whatever else it waits for is over as well
  }
}

void StreamLink::HandleEnd(const std::exception_ptr& exception) {
  task_ = nullptr;
  if (exception) LogUncaught(exception);
}

}  // namespace rondo
