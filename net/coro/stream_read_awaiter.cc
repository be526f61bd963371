#include "net/coro/stream_read_awaiter.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "net/coro/stream.h"
#include "net/tcp/buffer.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {
namespace {

// What one read may ask for.
constexpr size_t kMaxBytes = std::numeric_limits<uint32_t>::max();

}  // namespace

StreamReadAwaiter::StreamReadAwaiter(Stream* stream, Kind kind, size_t bytes)
    : kind_(kind), bytes_(std::min(bytes, kMaxBytes)), stream_(stream) {}

bool StreamReadAwaiter::Wait() {
  if (IsOver()) return Unsuspend();
  stream_->Await(*this);
  return true;
}

void StreamReadAwaiter::Forget() { stream_->reader_ = nullptr; }

bool StreamReadAwaiter::IsOver() {
  Stream& s = *stream_;
  if (s.connection_ == nullptr) return true;
  if (bytes_ == 0) return true;
  if (IsTooMuch()) return too_long_ = true;
  if (s.input_ != nullptr && Find(*s.input_)) return true;
  if (!s.ended_) return false;
  // There may be input that this has not seen yet.
  const bool unseen = s.reader_ != this || s.asked_again_;
  return s.input_ != nullptr || s.connection_->input_bytes() == 0 || !unseen;
}

// Of what comes in one piece there may be more at a time, but nobody can count
// on that.
bool StreamReadAwaiter::IsTooMuch() const {
  const size_t most = stream_->connection_->max_input_bytes();
  return kind_ == Kind::kExactly && (bytes_ > most || bytes_ == kMaxBytes);
}

bool StreamReadAwaiter::Withdraw() {
  stream_->reader_ = nullptr;
  if (stream_->connection_ != nullptr) stream_->connection_->SetOwing(true);
  return true;
}

bool StreamReadAwaiter::Find(const Buffer& input) {
  const size_t there = input.readable_bytes();
  switch (kind_) {
    case Kind::kSome:
    case Kind::kPeek:
      found_ = std::min<size_t>(there, bytes_);
      return found_ > 0;
    case Kind::kExactly:
      found_ = there >= bytes_ ? bytes_ : 0;
      return there >= bytes_;
    case Kind::kUntil:
      break;
  }
  const size_t end = static_cast<StreamUntilAwaiter*>(this)->Search(
      input.view().substr(0, bytes_));
  found_ = end != std::string_view::npos ? end : 0;
  too_long_ = found_ == 0 && there >= bytes_;
  return found_ > 0 || too_long_;
}

size_t StreamUntilAwaiter::Search(std::string_view input) {
  const size_t at = input.find(delimiter_, searched_);
  if (at != std::string_view::npos) return at + delimiter_.size();
  // Its beginning may be at the end.
  const size_t overlap = delimiter_.size() - 1;
  searched_ = input.size() > overlap ? input.size() - overlap : 0;
  return at;
}

absl::StatusOr<std::string_view> StreamReadAwaiter::await_resume() {
  Stream& s = *stream_;
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (found_ > 0) {
    return kind_ == Kind::kPeek ? s.input_->view() : s.Take(found_);
  }
  if (s.connection_ == nullptr) return s.status();
  if (too_long_) {
    const bool exactly = kind_ == Kind::kExactly;
    return absl::ResourceExhaustedError(absl::StrCat(
        exactly ? "the connection may not keep " : "no delimiter within ",
        bytes_, " bytes"));
  }
  if (kind_ == Kind::kSome || kind_ == Kind::kPeek || bytes_ == 0) {
    return std::string_view();
  }
  return absl::OutOfRangeError("the stream has ended before");
}

Task<absl::StatusOr<std::string>> AsTask(StreamReadAwaiter read) {
  const auto bytes = co_await std::move(read);
  if (!bytes.ok()) co_return bytes.status();
  co_return std::string(*bytes);
}

Task<absl::StatusOr<std::string>> AsTask(StreamUntilAwaiter read) {
  const auto bytes = co_await std::move(read);
  if (!bytes.ok()) co_return bytes.status();
  co_return std::string(*bytes);
}

}  // namespace rondo
