#include "tests/net/http/fuzz/request_stream.h"

#include <glog/logging.h>

#include <algorithm>
#include <memory>
#include <string>

#include "tests/net/http/fuzz/views.h"

namespace rondo {

void RequestStream::Read(std::string_view input, size_t end) {
  while (part_ != Part::kOver) {
    const std::string_view there = input.substr(taken_, end - taken_);
    const auto copy = std::make_unique<char[]>(there.size());
    there.copy(copy.get(), there.size());
    const size_t before = taken_;
    if (!Step({copy.get(), there.size()})) return;
    CHECK_LE(taken_ - before, there.size());
  }
}

bool RequestStream::Step(std::string_view there) {
  switch (part_) {
    case Part::kHead:
      return ReadHead(there);
    case Part::kLength:
      return ReadLength(there);
    case Part::kChunks:
      return ReadChunk(there);
    case Part::kOver:
      break;
  }
  return false;
}

bool RequestStream::ReadHead(std::string_view there) {
  constexpr size_t kEmptyLineBytes = 2;  // which may come before it
  const size_t max_bytes = kEmptyLineBytes + limits_.max_request_line_bytes +
                           limits_.max_header_bytes;
  switch (parser_.Parse(there, limits_, head_)) {
    case RequestParser::Outcome::kIncomplete:
      CHECK_LT(there.size(), max_bytes);
      return false;
    case RequestParser::Outcome::kRefused:
      return Refuse(parser_.error());
    case RequestParser::Outcome::kComplete:
      break;
  }
  CHECK_LE(head_.bytes, there.size());
  CHECK_LE(head_.bytes, max_bytes);
  CHECK_LE(head_.fields.size(), limits_.max_fields);
  CheckHead(there.substr(0, head_.bytes));
  taken_ += head_.bytes;
  AddRequest();
  return true;
}

void RequestStream::CheckHead(std::string_view there) const {
  CHECK(there.ends_with("\r\n\r\n"));
  CHECK(!head_.method.empty() && IsInside(head_.method, there));
  CHECK(IsInside(head_.target.authority, there));
  // One that did not come is a constant.
  const bool has_path = head_.target.form != RequestTarget::Form::kAbsolute;
  if (has_path) CHECK(IsInside(head_.target.path, there));
  CHECK(IsInside(head_.target.query, there));
  CHECK(IsInside(head_.host, there));
  for (const HttpField& field : head_.fields) {
    CHECK(!field.name.empty() && IsInside(field.name, there));
    CHECK(IsInside(field.value, there));
  }
  CHECK_EQ(head_.framing == BodyFraming::kLength, head_.content_length > 0);
  CHECK(head_.minor_version == 0 || head_.minor_version == 1);
  CHECK(!head_.expects_continue || head_.framing != BodyFraming::kNone);
}

void RequestStream::AddRequest() {
  const char* const target = head_.method.data() + head_.method.size() + 1;
  WireRequest request = {
      .head = {.method = std::string(head_.method),
               .target = {target, std::find(target, target + head_.bytes, ' ')},
               .minor_version = head_.minor_version,
               .framing = head_.framing,
               .content_length = head_.content_length,
               .keep_alive = head_.keep_alive}};
  for (const HttpField& field : head_.fields) {
    request.head.fields.emplace_back(field.name, field.value);
  }
  requests_.push_back(std::move(request));
  body_bytes_ = head_.content_length;
  if (head_.framing == BodyFraming::kNone) return EndRequest();
  const bool chunked = head_.framing == BodyFraming::kChunked;
  part_ = chunked ? Part::kChunks : Part::kLength;
  if (chunked) decoder_.emplace(limits_);
}

bool RequestStream::ReadLength(std::string_view there) {
  const size_t bytes = std::min<uint64_t>(body_bytes_, there.size());
  if (bytes == 0) return false;
  requests_.back().body += there.substr(0, bytes);
  taken_ += bytes;
  body_bytes_ -= bytes;
  if (body_bytes_ == 0) EndRequest();
  return true;
}

bool RequestStream::ReadChunk(std::string_view there) {
  constexpr size_t kSizeLineBytes = 20;  // digits and two line ends
  const size_t max_line_bytes =
      std::max(kSizeLineBytes + limits_.max_chunk_extension_bytes,
               limits_.max_trailer_bytes);
  const ChunkedDecoder::Step step = decoder_->Next(there);
  CHECK_LE(step.consumed, there.size());
  CHECK(IsInside(step.data, there.substr(0, step.consumed)));
  CHECK_EQ(step.data.empty(), step.outcome != ChunkedDecoder::Outcome::kData);
  taken_ += step.consumed;
  requests_.back().body += step.data;
  switch (step.outcome) {
    case ChunkedDecoder::Outcome::kIncomplete:
      CHECK_LT(there.size() - step.consumed, max_line_bytes);
      return false;
    case ChunkedDecoder::Outcome::kData:
      return true;
    case ChunkedDecoder::Outcome::kRefused:
      return Refuse(decoder_->error());
    case ChunkedDecoder::Outcome::kComplete:
      CHECK_LE(decoder_->trailers().size(), limits_.max_fields);
      requests_.back().trailers = decoder_->trailers();
      EndRequest();
      return true;
  }
  return false;
}

void RequestStream::EndRequest() {
  requests_.back().complete = true;
  complete_bytes_ = taken_;
  part_ = requests_.back().head.keep_alive ? Part::kHead : Part::kOver;
}

bool RequestStream::Refuse(const HttpError& error) {
  CHECK_GE(static_cast<int>(error.status), 400);
  CHECK_LT(static_cast<int>(error.status), 600);
  CHECK_NE(std::string_view(error.reason), "");
  error_ = error;
  part_ = Part::kOver;
  return false;
}

}  // namespace rondo
