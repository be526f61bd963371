#include "net/coro/stream_link.h"

#include <utility>

namespace rondo {
namespace {

// Nothing runs any more of a server that has stopped, or a loop that has ended.
bool IsTheEnd(CloseReason reason) {
  return reason == CloseReason::kServerStopped ||
         reason == CloseReason::kLoopEnded;
}

}  // namespace

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

void StreamLink::HandleClose(CloseReason reason) {
  Stream* const stream = std::exchange(stream_, nullptr);
  TaskRoot* const task = task_;
  if (IsTheEnd(reason)) {
    if (stream != nullptr) stream->connection_ = nullptr;
    if (task != nullptr) task->Destroy();
    return;
  }
  if (stream != nullptr) stream->HandleClose(reason);
  // Whatever else it waits for is over as well.
  if (task != nullptr) task->RequestStop();
}

void StreamLink::HandleEnd(const std::exception_ptr& exception) {
  task_ = nullptr;
  if (exception) LogUncaught(exception);
}

}  // namespace rondo
