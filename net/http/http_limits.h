#ifndef RONDO_NET_HTTP_HTTP_LIMITS_H_
#define RONDO_NET_HTTP_HTTP_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace rondo {

// How much of a request is taken. What is beyond is refused with the status in
// brackets, and the connection closed.
//
// Units: bytes, on the wire, with line ends.
struct HttpLimits {
  size_t max_request_line_bytes = 8 * 1'024;  // (414)
  size_t max_header_bytes = 32 * 1'024;       // with the blank line (431)
  size_t max_fields = 100;                    // of header or trailer (431)
  uint64_t max_body_bytes = 1'024 * 1'024;    // without framing (413)
  // Of all chunks of a body together (400), for what nobody reads.
  size_t max_chunk_extension_bytes = 4 * 1'024;
  size_t max_trailer_bytes = 8 * 1'024;  // with the blank line (431)
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_LIMITS_H_
