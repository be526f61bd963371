#include "net/coro/stream_write_awaiter.h"

#include <memory>
#include <string>
#include <string_view>

#include "net/coro/stream.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

bool StreamWriteAwaiter::Wait() {
  if (until_ == Until::kAllSentAndFin && connection() != nullptr) {
    connection()->Shutdown();
  }
  if (IsOver()) return Unsuspend();
  stream_->writers_.PushBack(*this);
  return true;
}

bool StreamWriteAwaiter::IsOver() const {
  const TcpConnection* const c = connection();
  if (c == nullptr) return true;
  if (refused_) return c->end_requested();  // else it closes, and says why
  return until_ == Until::kBelowMark ? !c->is_sated() : c->output_bytes() == 0;
}

absl::Status StreamWriteAwaiter::await_resume() const {
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (connection() == nullptr) return stream_->status();
  if (!refused_) return absl::OkStatus();
  return absl::FailedPreconditionError("written after Shutdown() or Close()");
}

TcpConnection* StreamWriteAwaiter::connection() const {
  return stream_->connection_;
}

template <typename Bytes>
bool StreamSendAwaiter<Bytes>::SendAndWait() {
  TcpConnection* const c = connection();
  if (c == nullptr || !c->Send(std::move(bytes_))) SetRefused();
  return Wait();
}

template bool StreamSendAwaiter<std::string_view>::SendAndWait();
template bool StreamSendAwaiter<std::string>::SendAndWait();
template bool
StreamSendAwaiter<std::shared_ptr<const std::string>>::SendAndWait();

}  // namespace rondo
