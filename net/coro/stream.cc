#include "net/coro/stream.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "net/coro/stream_link.h"
#include "net/tcp/buffer.h"

namespace rondo {
namespace {

absl::Status ToStatus(CloseReason reason) {
  const std::string_view text = ToString(reason);
  const auto why = absl::StrCat("connection closed: ",
                                absl::string_view(text.data(), text.size()));
  switch (reason) {
    case CloseReason::kFirstByteTimeout:
    case CloseReason::kIdleTimeout:
    case CloseReason::kExpectationTimeout:
    case CloseReason::kWriteStalled:
    case CloseReason::kLifetimeEnded:
      return absl::DeadlineExceededError(why);
    case CloseReason::kOutputLimit:
    case CloseReason::kInputLimit:
    case CloseReason::kMemoryLimit:
      return absl::ResourceExhaustedError(why);
    case CloseReason::kPeerClosed:
    case CloseReason::kPeerReset:
    case CloseReason::kSocketError:
    case CloseReason::kPollerRefused:
      return absl::UnavailableError(why);
    case CloseReason::kLocalClosed:
    case CloseReason::kForceClosed:
    case CloseReason::kDrained:
    case CloseReason::kServerStopped:
    case CloseReason::kLoopEnded:
      return absl::CancelledError(why);
  }
  return absl::InternalError(why);
}

}  // namespace

Stream::Stream(TcpConnection& connection) : connection_(&connection) {
  connection.EmplaceContext<StreamLink>(this);
  connection.AllowHalfClose();
  connection.SetOwing(true);
}

Stream::Stream(Stream&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      input_(other.input_),
      reason_(other.reason_),
      ended_(other.ended_),
      paused_(other.paused_) {
  DCHECK(other.reader_ == nullptr && other.writers_.empty())
      << "moved while it is waited on";
  if (connection_ != nullptr) StreamLink::Of(*connection_)->SetStream(this);
}

Stream::~Stream() {
  DCHECK(reader_ == nullptr && writers_.empty())
      << "destroyed while it is waited on";
  if (connection_ == nullptr) return;
  StreamLink::Of(*connection_)->SetStream(nullptr);
  connection_->SetOwing(false);
  connection_->Close();
}

Stream::ReadAwaiter Stream::Read(size_t max_bytes) {
  return {this, ReadAwaiter::Kind::kSome, max_bytes};
}

Stream::ReadAwaiter Stream::Peek() {
  return {this, ReadAwaiter::Kind::kPeek, std::numeric_limits<size_t>::max()};
}

Stream::ReadAwaiter Stream::ReadExactly(size_t bytes) {
  return {this, ReadAwaiter::Kind::kExactly, bytes};
}

Stream::UntilAwaiter Stream::ReadUntil(std::string_view delimiter,
                                       size_t max_bytes) {
  CHECK(!delimiter.empty());
  CHECK_GT(max_bytes, 0u);
  return {this, delimiter, max_bytes};
}

Stream::SendAwaiter<std::string_view> Stream::Write(std::string_view bytes) {
  return {this, bytes};
}

Stream::SendAwaiter<std::string_view> Stream::Write(const char* text) {
  return {this, std::string_view(text)};
}

Stream::SendAwaiter<std::string> Stream::Write(std::string&& bytes) {
  return {this, std::move(bytes)};
}

Stream::SendAwaiter<std::shared_ptr<const std::string>> Stream::Write(
    std::shared_ptr<const std::string> payload) {
  return {this, std::move(payload)};
}

Stream::WriteAwaiter Stream::Flush() {
  return {this, WriteAwaiter::Until::kAllSent};
}

Stream::WriteAwaiter Stream::Shutdown() {
  return {this, WriteAwaiter::Until::kAllSentAndFin};
}

absl::Status Stream::status() const {
  return connection_ != nullptr ? absl::OkStatus() : ToStatus(reason_);
}

// --- What happens. -----------------------------------------------------------

void Stream::Await(ReadAwaiter& reader) {
  CHECK(reader_ == nullptr) << "two tasks read one stream";
  reader_ = &reader;
  if (input_ != nullptr) return;  // its handler goes on when this waits
  connection_->SetOwing(false);
  if (connection_->input_bytes() > 0 || paused_) PassAgain();
}

// Has its handler called with what there is.
void Stream::PassAgain() {
  connection_->PauseReading();
  connection_->ResumeReading();
  paused_ = false;
  asked_again_ = true;
}

// Runs the task that reads, until it waits. It may destroy this.
void Stream::HandleInput(Buffer& input, StreamLink& link) {
  TcpConnection& connection = *connection_;
  if (reader_ == nullptr) {
    paused_ = true;
    return connection.PauseReading();
  }
  input_ = &input;
  asked_again_ = false;
  if (reader_->IsOver()) std::exchange(reader_, nullptr)->Resume();
  Stream* const stream = link.stream();
  if (stream == nullptr) return input.Clear();
  stream->input_ = nullptr;
  connection.SetOwing(stream->reader_ == nullptr);
}

void Stream::HandleEnd() {
  ended_ = true;
  if (reader_ == nullptr) return;
  if (reader_->IsOver()) {
    connection_->SetOwing(true);  // until it reads again, or ends
    return std::exchange(reader_, nullptr)->Resume();
  }
  PassAgain();  // it waited for more than there is
}

void Stream::HandleWritten() {
  writers_.ForEach<WriteAwaiter>([](WriteAwaiter& writer) {
    if (writer.IsOver()) writer.ResumeSoon();
  });
}

void Stream::HandleClose(CloseReason reason) {
  connection_ = nullptr;
  reason_ = reason;
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->ResumeSoon();
  HandleWritten();
}

// They stay where they are, in the buffer of a handler that has not returned.
std::string_view Stream::Take(size_t bytes) {
  const std::string_view taken = input_->view().substr(0, bytes);
  input_->Consume(bytes);
  return taken;
}

// --- Who waits. --------------------------------------------------------------

Stream::ReadAwaiter::ReadAwaiter(Stream* stream, Kind kind, size_t bytes)
    : kind_(kind),
      bytes_(std::min<size_t>(bytes, std::numeric_limits<uint32_t>::max())),
      stream_(stream) {}

bool Stream::ReadAwaiter::IsOver() {
  Stream& s = *stream_;
  if (s.connection_ == nullptr) return true;
  if (bytes_ == 0) return true;
  if (s.input_ != nullptr && Find(*s.input_)) return true;
  if (!s.ended_) return false;
  // There may be input that this has not seen yet.
  const bool unseen = s.reader_ != this || s.asked_again_;
  return s.input_ != nullptr || s.connection_->input_bytes() == 0 || !unseen;
}

bool Stream::ReadAwaiter::Withdraw() {
  stream_->reader_ = nullptr;
  if (stream_->connection_ != nullptr) stream_->connection_->SetOwing(true);
  return true;
}

bool Stream::ReadAwaiter::Find(const Buffer& input) {
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
  const size_t end =
      static_cast<UntilAwaiter*>(this)->Search(input.view().substr(0, bytes_));
  found_ = end != std::string_view::npos ? end : 0;
  too_long_ = found_ == 0 && there >= bytes_;
  return found_ > 0 || too_long_;
}

size_t Stream::UntilAwaiter::Search(std::string_view input) {
  const size_t at = input.find(delimiter_, searched_);
  if (at != std::string_view::npos) return at + delimiter_.size();
  // Its beginning may be at the end.
  const size_t overlap = delimiter_.size() - 1;
  searched_ = input.size() > overlap ? input.size() - overlap : 0;
  return at;
}

absl::StatusOr<std::string_view> Stream::ReadAwaiter::await_resume() {
  Stream& s = *stream_;
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (found_ > 0) {
    return kind_ == Kind::kPeek ? s.input_->view() : s.Take(found_);
  }
  if (s.connection_ == nullptr) return s.status();
  if (too_long_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no delimiter within ", bytes_, " bytes"));
  }
  if (kind_ == Kind::kSome || kind_ == Kind::kPeek || bytes_ == 0) {
    return std::string_view();
  }
  return absl::OutOfRangeError("the stream has ended before");
}

Task<absl::StatusOr<std::string>> AsTask(Stream::ReadAwaiter read) {
  const auto bytes = co_await std::move(read);
  if (!bytes.ok()) co_return bytes.status();
  co_return std::string(*bytes);
}

Task<absl::StatusOr<std::string>> AsTask(Stream::UntilAwaiter read) {
  const auto bytes = co_await std::move(read);
  if (!bytes.ok()) co_return bytes.status();
  co_return std::string(*bytes);
}

bool Stream::WriteAwaiter::Wait() {
  if (until_ == Until::kAllSentAndFin && connection() != nullptr) {
    connection()->Shutdown();
  }
  if (IsOver()) return Unsuspend();
  stream_->writers_.PushBack(*this);
  return true;
}

bool Stream::WriteAwaiter::IsOver() const {
  const TcpConnection* const c = connection();
  if (c == nullptr) return true;
  if (refused_) return c->end_requested();  // else it closes, and says why
  return until_ == Until::kBelowMark ? !c->is_sated() : c->output_bytes() == 0;
}

absl::Status Stream::WriteAwaiter::await_resume() const {
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (connection() == nullptr) return stream_->status();
  if (!refused_) return absl::OkStatus();
  return absl::FailedPreconditionError("written after Shutdown() or Close()");
}

}  // namespace rondo
