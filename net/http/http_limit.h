#ifndef RONDO_NET_HTTP_HTTP_LIMIT_H_
#define RONDO_NET_HTTP_HTTP_LIMIT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondo {

// Each limit of HttpLimits and HttpOptions, to count who comes up against it.
enum class HttpLimit : uint8_t {
  // The request is refused:
  kRequestLineBytes,
  kHeaderBytes,
  kFields,
  kBodyBytes,
  kChunkExtensionBytes,
  kTrailerBytes,
  kHeaderTimeout,
  kBodyTimeout,
  // The connection ends:
  kKeepAliveTimeout,
  kDroppedBodyBytes,  // after the answer
  // The next request waits:
  kPipelinedRequests,
  kWaitingAnswerBytes,  // or more of a body that is being answered
};
inline constexpr size_t kHttpLimits = 12;

// As its option is called: "max_body_bytes" and so on, for logs.
std::string_view ToString(HttpLimit limit);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_LIMIT_H_
