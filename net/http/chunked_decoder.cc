#include "net/http/chunked_decoder.h"

#include <algorithm>

#include "net/http/digits.h"
#include "net/http/field_line.h"
#include "net/http/http_chars.h"
#include "net/http/parameters.h"
#include "net/http/trailer_fields.h"

namespace rondo {
namespace {

using Outcome = ChunkedDecoder::Outcome;

constexpr int kHexBase = 16;
// As many as 64 bits have; more than these, even zeros, nobody needs.
constexpr size_t kMaxSizeDigits = 16;

constexpr HttpError kBadSize = {HttpStatus::kBadRequest,
                                "a chunk's size is malformed"};
constexpr HttpError kLongExtensions = {HttpStatus::kBadRequest,
                                       "chunk extensions are too long",
                                       HttpLimit::kChunkExtensionBytes};
constexpr HttpError kLongTrailer = {HttpStatus::kRequestHeaderFieldsTooLarge,
                                    "the trailer is too long",
                                    HttpLimit::kTrailerBytes};

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::Next(std::string_view input) {
  switch (part_) {
    case Part::kSize:
      return NextSize(input);
    case Part::kData: {
      const size_t bytes = std::min<uint64_t>(data_bytes_, input.size());
      if (bytes == 0) return {Outcome::kIncomplete};
      data_bytes_ -= bytes;
      if (data_bytes_ == 0) part_ = Part::kDataEnd;
      return {Outcome::kData, bytes, input.substr(0, bytes)};
    }
    case Part::kDataEnd:
      return NextDataEnd(input);
    case Part::kTrailer:
      return NextTrailer(input);
  }
  return {Outcome::kIncomplete};
}

ChunkedDecoder::Step ChunkedDecoder::Refuse(HttpError error) {
  error_ = error;
  return {Outcome::kRefused};
}

// Takes a line that has at most so many bytes with its end. kComplete: `line`
// is it, without that.
ChunkedDecoder::Step ChunkedDecoder::NextLine(std::string_view input,
                                              size_t max_bytes,
                                              HttpError too_long,
                                              std::string_view& line) {
  const size_t end = input.substr(0, max_bytes).find('\n');
  if (end == std::string_view::npos) {
    if (input.size() >= max_bytes) return Refuse(too_long);
    return {Outcome::kIncomplete};
  }
  if (end == 0 || input[end - 1] != '\r') {
    return Refuse({HttpStatus::kBadRequest,
                   "a line of the body ends without a carriage return"});
  }
  line = input.substr(0, end - 1);
  return {Outcome::kComplete, end + 1};
}

ChunkedDecoder::Step ChunkedDecoder::NextSize(std::string_view input) {
  const size_t left = limits_->max_chunk_extension_bytes - extension_bytes_;
  std::string_view line;
  Step step = NextLine(input, kMaxSizeDigits + left + 2, kLongExtensions, line);
  if (step.outcome != Outcome::kComplete) return step;
  if (!ParseSize(line)) return {Outcome::kRefused};
  const size_t consumed = step.consumed;
  part_ = data_bytes_ > 0 ? Part::kData : Part::kTrailer;
  step = Next(input.substr(consumed));
  step.consumed += consumed;
  return step;
}

bool ChunkedDecoder::ParseSize(std::string_view line) {
  const size_t digits = CountFirst(HttpChars::kHex, line);
  const std::string_view extensions = line.substr(digits);
  const auto size = ParseDigits<uint64_t>(line.substr(0, digits), kHexBase);
  if (!size.has_value() || digits > kMaxSizeDigits ||
      !AreParameters(extensions)) {
    error_ = kBadSize;
    return false;
  }
  const size_t left = limits_->max_chunk_extension_bytes - extension_bytes_;
  if (extensions.size() > left) {
    error_ = kLongExtensions;
    return false;
  }
  extension_bytes_ += extensions.size();
  data_bytes_ = *size;
  return true;
}

ChunkedDecoder::Step ChunkedDecoder::NextDataEnd(std::string_view input) {
  constexpr std::string_view kEnd = "\r\n";
  if (!kEnd.starts_with(input.substr(0, kEnd.size()))) {
    return Refuse(
        {HttpStatus::kBadRequest, "a chunk does not end where its size says"});
  }
  if (input.size() < kEnd.size()) return {Outcome::kIncomplete};
  part_ = Part::kSize;
  Step step = NextSize(input.substr(kEnd.size()));
  step.consumed += kEnd.size();
  return step;
}

ChunkedDecoder::Step ChunkedDecoder::NextTrailer(std::string_view input) {
  size_t consumed = 0;
  while (true) {
    const size_t left = limits_->max_trailer_bytes - trailer_bytes_;
    std::string_view line;
    Step step = NextLine(input.substr(consumed), left, kLongTrailer, line);
    if (step.outcome == Outcome::kComplete) {
      consumed += step.consumed;
      trailer_bytes_ += step.consumed;
      if (line.empty() || !KeepTrailer(line)) {
        return {line.empty() ? Outcome::kComplete : Outcome::kRefused,
                consumed};
      }
      continue;
    }
    step.consumed = consumed;
    return step;
  }
}

bool ChunkedDecoder::KeepTrailer(std::string_view line) {
  if (++trailer_fields_ > limits_->max_fields) {
    error_ = {HttpStatus::kRequestHeaderFieldsTooLarge,
              "there are too many trailer fields", HttpLimit::kFields};
    return false;
  }
  HttpField field;
  if (!ParseFieldLine(line, field, error_)) return false;
  if (MayBeTrailer(field.name)) trailers_.emplace_back(field.name, field.value);
  return true;
}

}  // namespace rondo
