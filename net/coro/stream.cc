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
    case CloseReason::kFileError:
      return absl::DataLossError(why);
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

StreamReadAwaiter Stream::Read(size_t max_bytes) {
  return {this, StreamReadAwaiter::Kind::kSome, max_bytes};
}

StreamReadAwaiter Stream::Peek() {
  return {this, StreamReadAwaiter::Kind::kPeek,
          std::numeric_limits<size_t>::max()};
}

StreamReadAwaiter Stream::ReadExactly(size_t bytes) {
  return {this, StreamReadAwaiter::Kind::kExactly, bytes};
}

StreamUntilAwaiter Stream::ReadUntil(std::string_view delimiter,
                                     size_t max_bytes) {
  CHECK(!delimiter.empty());
  CHECK_GT(max_bytes, 0u);
  return {this, delimiter, max_bytes};
}

StreamSendAwaiter<std::string_view> Stream::Write(std::string_view bytes) {
  return {this, bytes};
}

StreamSendAwaiter<std::string_view> Stream::Write(const char* text) {
  return {this, std::string_view(text)};
}

StreamSendAwaiter<std::string> Stream::Write(std::string&& bytes) {
  return {this, std::move(bytes)};
}

StreamSendAwaiter<std::shared_ptr<const std::string>> Stream::Write(
    std::shared_ptr<const std::string> payload) {
  return {this, std::move(payload)};
}

StreamWriteAwaiter Stream::Flush() {
  return {this, StreamWriteAwaiter::Until::kAllSent};
}

StreamWriteAwaiter Stream::Shutdown() {
  return {this, StreamWriteAwaiter::Until::kAllSentAndFin};
}

absl::Status Stream::status() const {
  return connection_ != nullptr ? absl::OkStatus() : ToStatus(reason_);
}

// --- What happens. -----------------------------------------------------------

void Stream::Await(StreamReadAwaiter& reader) {
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
  // What the task has not asked for is no fault of the peer's.
  if (stream->reader_ != nullptr) return;
  if (input.readable_bytes() <= connection.max_input_bytes()) return;
  connection.PauseReading();
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
  writers_.ForEach<StreamWriteAwaiter>([](StreamWriteAwaiter& writer) {
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

}  // namespace rondo
