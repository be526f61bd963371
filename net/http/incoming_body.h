#ifndef RONDO_NET_HTTP_INCOMING_BODY_H_
#define RONDO_NET_HTTP_INCOMING_BODY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/http/chunked_decoder.h"
#include "net/http/exchange.h"
#include "net/http/http_error.h"
#include "net/http/http_options.h"
#include "net/http/request_head.h"
#include "net/tcp/buffer.h"

namespace rondo {

// A request's body of which more is to come: how much there may be of it, where
// it ends, and by when.
//
// Threading: the loop's thread only. Ownership: the HttpConnection's.
class IncomingBody {
 public:
  static constexpr HttpError kTooLarge = {HttpStatus::kContentTooLarge,
                                          "the body is too large",
                                          HttpLimit::kBodyBytes};

  enum class Outcome { kIncomplete, kData, kComplete, kRefused };

  IncomingBody(const RequestHead& head, uint64_t max_bytes,
               const HttpOptions& options, MonotonicTime now);

  // --- Buffered: stays in the input, behind `head_bytes` of head. ---

  // Puts together what has come, without its chunks' framing. kComplete: it is
  // the next bytes() of `input` behind the head, and then comes what is not of
  // this request.
  Outcome Collect(Buffer& input);
  size_t head_bytes() const { return head_bytes_; }

  // --- Streamed: from the front of the input. ---

  // Looks at the next piece; the caller consumes `consumed` bytes of the input
  // when it is done with that.
  struct Piece {
    Outcome outcome;
    std::string_view data = {};
    size_t consumed = 0;
  };
  Piece Next(std::string_view input);
  uint64_t exchange_id = 0;  // whose reader takes it; 0: buffered

  // --- Both. ---

  const HttpTrailers& trailers() const { return decoder_.trailers(); }
  // Why, after kRefused.
  HttpError error() const { return error_; }
  // That have come, without framing.
  uint64_t bytes() const { return bytes_; }
  // That are still to come; empty if nobody knows.
  std::optional<uint64_t> bytes_left() const;

  // Nothing is still to come; of a length, as chunks have an end of their own.
  bool is_whole() const { return !chunked_ && bytes_ == length_; }

  // By when more must have come: the slower, the sooner. Its time stands still
  // between Pause() and Resume(), in which nobody waits for it.
  MonotonicTime Deadline(const HttpOptions& options, MonotonicTime now) const;
  void Pause(MonotonicTime now);
  void Resume(MonotonicTime now);

  bool held = false;  // its reader does not want more now
  // Of whom it is, and whether they wait to be told to go on, where that is not
  // the exchange's matter.
  RequestTraits request;
  const Route* route = nullptr;
  LoggedRequest logged;  // if there is a log
  bool owes_continue = false;

 private:
  bool Add(size_t bytes);

  const size_t head_bytes_;
  const bool chunked_;
  const uint64_t max_bytes_;
  const uint64_t length_;  // unless chunked
  ChunkedDecoder decoder_;
  uint64_t bytes_ = 0;
  MonotonicTime begun_;  // later by the time of pauses
  MonotonicTime paused_at_;
  bool paused_ = false;
  HttpError error_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_INCOMING_BODY_H_
