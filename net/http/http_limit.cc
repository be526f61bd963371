#include "net/http/http_limit.h"

namespace rondo {

std::string_view ToString(HttpLimit limit) {
  switch (limit) {
    case HttpLimit::kRequestLineBytes:
      return "max_request_line_bytes";
    case HttpLimit::kHeaderBytes:
      return "max_header_bytes";
    case HttpLimit::kFields:
      return "max_fields";
    case HttpLimit::kBodyBytes:
      return "max_body_bytes";
    case HttpLimit::kChunkExtensionBytes:
      return "max_chunk_extension_bytes";
    case HttpLimit::kTrailerBytes:
      return "max_trailer_bytes";
    case HttpLimit::kHeaderTimeout:
      return "header_timeout";
    case HttpLimit::kBodyTimeout:
      return "body_timeout";
    case HttpLimit::kKeepAliveTimeout:
      return "keep_alive_timeout";
    case HttpLimit::kDroppedBodyBytes:
      return "max_dropped_body_bytes";
    case HttpLimit::kPipelinedRequests:
      return "max_pipelined_requests";
    case HttpLimit::kWaitingAnswerBytes:
      return "max_waiting_answer_bytes";
  }
  return "unknown";
}

}  // namespace rondo
