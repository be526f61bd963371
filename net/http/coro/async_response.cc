#include "net/http/coro/async_response.h"

#include <glog/logging.h>

#include <algorithm>

namespace rondo {

template <typename F>
void AsyncResponse::Answer(F f) {
  LOG_IF(ERROR, answered_) << "HTTP: a task answers twice";
  if (std::exchange(answered_, true)) return;
  Tell(f);
}

bool AsyncResponse::AddField(std::string_view name, std::string_view value) {
  bool added = false;
  Tell([&](ResponseWriter& w) { added = w.AddField(name, value); });
  return added;
}

void AsyncResponse::LogUser(std::string_view user) {
  Tell([&](ResponseWriter& w) { w.LogUser(user); });
}

void AsyncResponse::CloseAfter() {
  Tell([](ResponseWriter& w) { w.CloseAfter(); });
}

void AsyncResponse::Send(HttpStatus status, std::string_view body,
                         std::string_view content_type) {
  Answer([&](ResponseWriter& w) { w.Send(status, body, content_type); });
}

void AsyncResponse::Send(HttpResponse response) {
  Answer([&](ResponseWriter& w) { w.Send(std::move(response)); });
}

void AsyncResponse::SendError(HttpStatus status, const char* reason) {
  Answer([&](ResponseWriter& w) { w.SendError(status, reason); });
}

void AsyncResponse::Begin(HttpStatus status, std::string_view content_type,
                          std::optional<uint64_t> length) {
  begun_ = true;
  Tell([&](ResponseWriter& w) {
    w.Begin(status, content_type, length);
    // Before what follows from that tells the task that the exchange has gone.
    if (!exchange_->waits()) answered_ = whole_ = true;
  });
}

void AsyncResponse::End() {
  if (whole_) return;
  Answer([](ResponseWriter& w) { w.End(); });
}

void AsyncResponse::Await(ResponseWriteAwaiter& writer) {
  writers_.PushBack(writer);
  Tell([this](ResponseWriter& w) {
    w.OnRoom([this](ResponseWriter& room) { HandleRoom(room); });
  });
}

// They are resumed soon, not now: whoever made room may be one of them.
void AsyncResponse::HandleRoom(ResponseWriter& writer) {
  writers_.ForEach<ResponseWriteAwaiter>([&](ResponseWriteAwaiter& waiting) {
    if (waiting.GoOn(writer)) waiting.ResumeSoon();
  });
}

void AsyncResponse::HandleGone() {
  writers_.ForEach<ResponseWriteAwaiter>(
      [](ResponseWriteAwaiter& waiting) { waiting.ResumeSoon(); });
}

// --- Awaiters. ---

bool ResponseWriteAwaiter::Wait() {
  AsyncResponse& r = *response_;
  refused_ = !r.begun_ || !r.exchange_->waits();
  if (refused_) return Unsuspend();
  bool done = false;
  if (at_once_) {
    r.Tell([&](ResponseWriter& writer) { done = GoOn(writer); });
  }
  if (!waiting()) return true;  // a stop has come of it
  if (done || !r.exchange_->waits()) return Unsuspend();
  r.Await(*this);
  return true;
}

bool ResponseWriteAwaiter::GoOn(ResponseWriter& writer) {
  return Put(writer) && (refused_ || !writer.is_sated());
}

absl::Status ResponseWriteAwaiter::await_resume() const {
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (!refused_ && !response_->lost()) return absl::OkStatus();
  return absl::UnavailableError("nobody hears the answer any more");
}

bool PieceWriteAwaiter::Put(ResponseWriter& writer) {
  if (!std::exchange(written_, true) && !writer.Write(piece_)) SetRefused();
  return true;
}

bool FileWriteAwaiter::Put(ResponseWriter& writer) {
  while (bytes_ > 0 && writer.room_bytes() > 0) {
    const size_t piece = std::min<uint64_t>(bytes_, writer.room_bytes());
    if (!writer.WriteFile(file_, offset_, piece)) {
      SetRefused();
      return true;
    }
    offset_ += piece;
    bytes_ -= piece;
  }
  return bytes_ == 0;
}

}  // namespace rondo
