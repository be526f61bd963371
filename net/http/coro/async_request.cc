#include "net/http/coro/async_request.h"

#include <glog/logging.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "net/http/response_writer.h"

namespace rondo {

AsyncRequest::AsyncRequest(HeldExchange* exchange, KeptRequest* kept)
    : HttpRequest(kept->head(), kept->parameters(), kept->peer_address(),
                  kept->body(), kept->trailers()),
      exchange_(exchange),
      kept_(kept),
      streams_(exchange->has_body()),
      ended_(!streams_ && kept->body().empty()) {
  if (!streams_) piece_ = kept->body();
}

AsyncRequest::~AsyncRequest() {
  if (destroyed_ != nullptr) *destroyed_ = true;
}

Task<absl::StatusOr<std::string>> AsyncRequest::ReadAll(size_t max_bytes) {
  std::string all;
  while (true) {
    const auto piece = co_await Read();
    if (!piece.ok()) co_return piece.status();
    if (piece->empty()) co_return all;
    if (piece->size() > max_bytes - all.size()) {
      co_return absl::ResourceExhaustedError(
          absl::StrCat("the body has more than ", max_bytes, " bytes"));
    }
    all.append(*piece);
  }
}

bool AsyncRequest::IsOver() const {
  return !piece_.empty() || ended_ || !exchange_->waits();
}

absl::StatusOr<std::string_view> AsyncRequest::Take() {
  if (!streams_) ended_ = true;
  if (!piece_.empty() || ended_) return std::exchange(piece_, {});
  return absl::AbortedError("the rest of the body does not come");
}

void AsyncRequest::Await(BodyReadAwaiter& reader) {
  CHECK(reader_ == nullptr) << "two tasks read one body";
  reader_ = &reader;
  asking_ = true;
  if (!std::exchange(begun_, true)) {
    exchange_->Run([this](ResponseWriter& w) {
      w.ReadBody({.on_data =
                      [this](ResponseWriter& writer, std::string_view piece) {
                        HandleData(writer, piece);
                      },
                  .on_end =
                      [this](ResponseWriter&, const HttpTrailers& trailers) {
                        HandleEnd(trailers);
                      }});
    });
  } else if (std::exchange(paused_, false)) {
    exchange_->Run([](ResponseWriter& writer) { writer.ResumeBody(); });
  }
  asking_ = false;
}

void AsyncRequest::Pause() {
  if (ended_ || !exchange_->waits()) return;
  paused_ = true;
  exchange_->Run([](ResponseWriter& writer) { writer.PauseBody(); });
}

void AsyncRequest::HandleData(ResponseWriter& writer, std::string_view piece) {
  DCHECK(reader_ != nullptr) << "the body should wait";
  piece_ = piece;
  if (!ResumeReader()) return;
  piece_ = {};
  if (reader_ != nullptr) return;
  paused_ = true;
  writer.PauseBody();
}

void AsyncRequest::HandleEnd(const HttpTrailers& trailers) {
  ended_ = true;
  kept_->trailers() = trailers;
  // Asking for the next piece may have shown that there is none.
  if (reader_ != nullptr && asking_) {
    std::exchange(reader_, nullptr)->ResumeSoon();
  } else if (reader_ != nullptr) {
    (void)ResumeReader();
  }
}

bool AsyncRequest::ResumeReader() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  std::exchange(reader_, nullptr)->Resume();
  if (!destroyed) destroyed_ = nullptr;
  return !destroyed;
}

void AsyncRequest::HandleGone() {
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->ResumeSoon();
}

bool BodyReadAwaiter::Wait() {
  if (request_->IsOver()) return Unsuspend();
  request_->Await(*this);
  return true;
}

absl::StatusOr<std::string_view> BodyReadAwaiter::await_resume() {
  if (cancelled()) return absl::CancelledError("the task is to stop");
  return request_->Take();
}

void BodyReadAwaiter::Forget() {
  request_->reader_ = nullptr;
  request_->Pause();
}

Task<absl::StatusOr<std::string>> AsTask(BodyReadAwaiter read) {
  const auto bytes = co_await std::move(read);
  if (!bytes.ok()) co_return bytes.status();
  co_return std::string(*bytes);
}

}  // namespace rondo
