#ifndef RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_STREAM_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http/chunked_decoder.h"
#include "net/http/http_error.h"
#include "net/http/http_limits.h"
#include "net/http/request_parser.h"
#include "tests/net/http/fuzz/wire_request.h"

namespace rondo {

// Reads requests one behind the other, with their bodies, as a server would
// read a connection. CHECKs what RequestParser and ChunkedDecoder promise of
// each call: views inside of the input, nothing consumed that has not come,
// limits kept, reasons given.
//
// Threading: one thread at a time.
class RequestStream {
 public:
  explicit RequestStream(const HttpLimits& limits) : limits_(limits) {}

  // The bytes up to `end` of the input are there now. They are parsed in memory
  // of their own, so that a sanitizer sees who reads further.
  void Read(std::string_view input, size_t end);

  const std::vector<WireRequest>& requests() const { return requests_; }

  // Up to the end of the last complete request.
  size_t complete_bytes() const { return complete_bytes_; }

  // Of the first request that is refused; kOk if none was.
  const HttpError& error() const { return error_; }

 private:
  enum class Part { kHead, kLength, kChunks, kOver };

  // Each takes something of what is there, or says that it takes nothing.
  bool Step(std::string_view there);
  bool ReadHead(std::string_view there);
  bool ReadLength(std::string_view there);
  bool ReadChunk(std::string_view there);

  void CheckHead(std::string_view there) const;
  void AddRequest();
  void EndRequest();
  bool Refuse(const HttpError& error);

  const HttpLimits limits_;
  RequestParser parser_;
  RequestHead head_;
  std::optional<ChunkedDecoder> decoder_;
  Part part_ = Part::kHead;
  uint64_t body_bytes_ = 0;  // of kLength, that are still to come
  size_t taken_ = 0;
  std::vector<WireRequest> requests_;
  size_t complete_bytes_ = 0;
  HttpError error_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_REQUEST_STREAM_H_
