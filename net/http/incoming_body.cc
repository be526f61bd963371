#include "net/http/incoming_body.h"

#include <cstring>

namespace rondo {
IncomingBody::IncomingBody(const RequestHead& head, uint64_t max_bytes,
                           const HttpOptions& options, MonotonicTime now)
    : request(RequestTraits::Of(head)),
      head_bytes_(head.bytes),
      chunked_(head.framing == BodyFraming::kChunked),
      max_bytes_(max_bytes),
      length_(head.content_length),
      decoder_(options.limits),
      begun_(now) {}

bool IncomingBody::Add(size_t bytes) {
  if (bytes > max_bytes_ - bytes_) {
    error_ = kTooLarge;
    return false;
  }
  bytes_ += bytes;
  return true;
}

IncomingBody::Outcome IncomingBody::Collect(Buffer& input) {
  if (!chunked_) {
    bytes_ = std::min<uint64_t>(input.readable_bytes() - head_bytes_, length_);
    return bytes_ == length_ ? Outcome::kComplete : Outcome::kIncomplete;
  }
  // Data moves down over the framing; what is left behind it is one read's.
  size_t to = head_bytes_ + bytes_;
  size_t from = to;
  Outcome outcome = Outcome::kData;
  while (outcome == Outcome::kData) {
    const Piece piece = Next(input.view().substr(from));
    outcome = piece.outcome;
    if (!piece.data.empty()) {
      std::memmove(input.data() + to, piece.data.data(), piece.data.size());
      to += piece.data.size();
    }
    from += piece.consumed;
  }
  const size_t rest = input.readable_bytes() - from;
  std::memmove(input.data() + to, input.data() + from, rest);
  input.Truncate(to + rest);
  return outcome;
}

IncomingBody::Piece IncomingBody::Next(std::string_view input) {
  if (!chunked_) {
    const uint64_t left = length_ - bytes_;
    const std::string_view data =
        input.substr(0, std::min<uint64_t>(left, input.size()));
    if (left == 0) return {Outcome::kComplete};
    if (data.empty()) return {Outcome::kIncomplete};
    Add(data.size());
    return {Outcome::kData, data, data.size()};
  }
  const ChunkedDecoder::Step step = decoder_.Next(input);
  switch (step.outcome) {
    case ChunkedDecoder::Outcome::kIncomplete:
      return {Outcome::kIncomplete, {}, step.consumed};
    case ChunkedDecoder::Outcome::kComplete:
      return {Outcome::kComplete, {}, step.consumed};
    case ChunkedDecoder::Outcome::kRefused:
      error_ = decoder_.error();
      return {Outcome::kRefused, {}, step.consumed};
    case ChunkedDecoder::Outcome::kData:
      break;
  }
  if (!Add(step.data.size())) return {Outcome::kRefused, {}, step.consumed};
  return {Outcome::kData, step.data, step.consumed};
}

std::optional<uint64_t> IncomingBody::bytes_left() const {
  if (chunked_) return std::nullopt;
  return length_ - bytes_;
}

// Bytes that came fast are no credit for a stop later: that never is longer
// than the first may be.
MonotonicTime IncomingBody::Deadline(const HttpOptions& options,
                                     MonotonicTime now) const {
  const double seconds = static_cast<double>(bytes_) /
                         static_cast<double>(options.min_body_bytes_per_second);
  return std::min(begun_ + options.body_timeout + absl::Seconds(seconds),
                  now + options.body_timeout);
}

void IncomingBody::Pause(MonotonicTime now) {
  if (paused_) return;
  paused_ = true;
  paused_at_ = now;
}

void IncomingBody::Resume(MonotonicTime now) {
  if (!paused_) return;
  paused_ = false;
  begun_ = begun_ + (now - paused_at_);
}

}  // namespace rondo
