#ifndef RONDO_NET_HTTP_REQUEST_PARSER_H_
#define RONDO_NET_HTTP_REQUEST_PARSER_H_

#include <cstddef>
#include <string_view>

#include "net/http/http_error.h"
#include "net/http/http_limits.h"
#include "net/http/request_head.h"

namespace rondo {

// Reads a request's head out of bytes that come in any pieces; the result does
// not depend on which. Strict: what the grammar does not have is refused, for
// two that understand a request differently can be played against each other.
//
// Input is looked at line by line. A head that has not come whole is read again
// from its beginning when another line has, so a connection keeps nothing of it
// but the bytes and this object; max_fields bounds how often that happens.
//
// Threading: one thread at a time.
// Reference: RFC 9112 §2, §3, §5, §6; RFC 9110 §5, §7, §8.6, §10.1.1.
// Example:
//   switch (parser.Parse(input.view(), limits, head)) {
//     case RequestParser::Outcome::kComplete:   head.bytes of input are it
//     case RequestParser::Outcome::kIncomplete: again, with more behind it
//     case RequestParser::Outcome::kRefused:    parser.error(); close
//   }
class RequestParser {
 public:
  enum class Outcome { kIncomplete, kComplete, kRefused };

  // `input` begins with the request, and grows from call to call. After another
  // outcome than kIncomplete the next call begins with a new request.
  Outcome Parse(std::string_view input, const HttpLimits& limits,
                RequestHead& head);

  // The last outcome was kIncomplete.
  bool begun() const { return searched_bytes_ > 0; }

  // Why, after kRefused. `head` has the lines before what was wrong.
  const HttpError& error() const { return error_; }

 private:
  // Of an incomplete head: how much of the input has been searched for the end
  // of a line, and how much without one is too much.
  size_t searched_bytes_ = 0;
  size_t too_many_bytes_ = 0;
  HttpError error_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_REQUEST_PARSER_H_
