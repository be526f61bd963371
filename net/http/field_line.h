#ifndef RONDO_NET_HTTP_FIELD_LINE_H_
#define RONDO_NET_HTTP_FIELD_LINE_H_

#include <string_view>

#include "net/http/http_error.h"
#include "net/http/request_head.h"

namespace rondo {

// Reads a line of a header or a trailer, without its end. On failure `error`
// says what is wrong with it.
// Reference: RFC 9112 §5.
bool ParseFieldLine(std::string_view line, HttpField& field, HttpError& error);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FIELD_LINE_H_
