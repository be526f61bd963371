#ifndef RONDO_NET_HTTP_REQUEST_HEAD_H_
#define RONDO_NET_HTTP_REQUEST_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_chars.h"
#include "net/http/request_target.h"

namespace rondo {

struct HttpField {
  std::string_view name;   // as it came: compare by EqualsIgnoringCase()
  std::string_view value;  // without whitespace around it
};

// How a body ends.
enum class BodyFraming : uint8_t { kNone, kLength, kChunked };

// A request up to its blank line, checked: what RequestParser makes.
//
// Threading: one thread at a time.
// Lifetime: views into the parser's input.
struct RequestHead {
  std::string_view method;
  RequestTarget target;
  // 0 or 1 of HTTP/1.0 and HTTP/1.1; whoever says more speaks 1.1 too.
  int minor_version = 1;
  std::vector<HttpField> fields;  // in their order

  // What the fields say of the connection and the body.
  std::string_view host;  // with its port; empty if it did not come
  BodyFraming framing = BodyFraming::kNone;
  uint64_t content_length = 0;  // of BodyFraming::kLength
  bool keep_alive = true;
  bool expects_continue = false;

  // With the blank line at its end.
  size_t bytes = 0;

  // The value of the first field of that name.
  std::optional<std::string_view> Find(std::string_view name) const {
    for (const HttpField& field : fields) {
      if (EqualsIgnoringCase(field.name, name)) return field.value;
    }
    return std::nullopt;
  }

  // As new, but for the memory of the fields.
  void Clear() {
    method = {};
    target = {};
    minor_version = 1;
    fields.clear();
    host = {};
    framing = BodyFraming::kNone;
    content_length = 0;
    keep_alive = true;
    expects_continue = false;
    bytes = 0;
  }
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_REQUEST_HEAD_H_
