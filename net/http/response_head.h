#ifndef RONDO_NET_HTTP_RESPONSE_HEAD_H_
#define RONDO_NET_HTTP_RESPONSE_HEAD_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http/http_status.h"
#include "net/tcp/buffer.h"

namespace rondo {

// What stands before an answer's body.
//
//   HTTP/1.1 200 OK
//   Date: Sun, 06 Nov 1994 08:49:37 GMT
//   Content-Type: text/plain
//   Content-Length: 12         or Transfer-Encoding: chunked
//   ...                        the field lines
//   Connection: close          or keep-alive
//
// Threading: one thread at a time.
// Lifetime: views must live until AppendTo() returns.
// Errors: nothing is checked: views are from the code, or from ResponseFields.
// Reference: RFC 9112 §4, §6, §9.3; RFC 9110 §6.6.1 (Date), §8.6.
struct ResponseHead {
  // What it says of the connection, if that needs saying.
  enum class Connection : uint8_t { kUnsaid, kClose, kKeepAlive };

  // Appends it with the blank line.
  void AppendTo(Buffer& to) const;

  HttpStatus status = HttpStatus::kOk;
  std::string_view date = {};          // none if empty
  std::string_view content_type = {};  // none if empty
  std::string_view field_lines = {};   // see ResponseFields
  // How the body ends: after so many bytes, else in chunks, else with the
  // connection. 1xx and 204 must not say it, and do not.
  std::optional<uint64_t> content_length = std::nullopt;
  bool chunked = false;
  Connection connection = Connection::kUnsaid;

  friend bool operator==(const ResponseHead&, const ResponseHead&) = default;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_RESPONSE_HEAD_H_
