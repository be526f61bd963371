#ifndef RONDO_NET_HTTP_CHUNKED_DECODER_H_
#define RONDO_NET_HTTP_CHUNKED_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_error.h"
#include "net/http/http_limits.h"

namespace rondo {

// Takes a body out of its chunks, whatever pieces these come in; the result
// does not depend on which.
//
//   size[;extensions] CRLF  data CRLF  …  0 CRLF  trailer lines  CRLF
//
// Data is passed on as it lies in the input. Extensions are checked and
// dropped. Trailer fields are kept, but for those that may be none, see
// MayBeTrailer().
//
// Threading: one thread at a time.
// Reference: RFC 9112 §7.1; RFC 9110 §6.5.
class ChunkedDecoder {
 public:
  enum class Outcome {
    kIncomplete,  // there is more to come
    kData,        // a piece of the body: call again
    kComplete,    // that was all
    kRefused,     // see error()
  };

  // What the front of the input was: `consumed` bytes of it are done with.
  struct Step {
    Outcome outcome;
    size_t consumed = 0;
    std::string_view data = {};
  };

  explicit ChunkedDecoder(const HttpLimits& limits) : limits_(&limits) {}

  // `input` begins where the last step's has been consumed. Requires: no
  // earlier step was kComplete or kRefused.
  Step Next(std::string_view input);

  // Why, after kRefused.
  const HttpError& error() const { return error_; }

  // Names and values, after kComplete.
  const std::vector<std::pair<std::string, std::string>>& trailers() const {
    return trailers_;
  }

 private:
  enum class Part : uint8_t { kSize, kData, kDataEnd, kTrailer };

  Step NextSize(std::string_view input);
  Step NextDataEnd(std::string_view input);
  Step NextTrailer(std::string_view input);
  Step NextLine(std::string_view input, size_t max_bytes, HttpError too_long,
                std::string_view& line);
  Step Refuse(HttpError error);
  bool ParseSize(std::string_view line);
  bool KeepTrailer(std::string_view line);

  const HttpLimits* limits_;
  Part part_ = Part::kSize;
  uint64_t data_bytes_ = 0;  // of this chunk, that are still to come
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  size_t trailer_fields_ = 0;
  HttpError error_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CHUNKED_DECODER_H_
