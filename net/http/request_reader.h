#ifndef RONDO_NET_HTTP_REQUEST_READER_H_
#define RONDO_NET_HTTP_REQUEST_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http/http_limits.h"
#include "net/http/path_parameters.h"
#include "net/http/request_head.h"
#include "net/http/request_parser.h"
#include "net/http/router.h"

namespace rondo {

// A request's head, and who answers it.
struct RoutedHead {
  RequestHead head;
  Router::Match match;
  PathParameters parameters;
};

// Reads heads and finds their routes, for the connections of one loop.
//
// Clients that poll, and all that measure, send one head again and again. One
// that came twice in a row is kept with what it means, and whoever sends it
// once more, byte for byte, is not parsed but compared: what it means cannot
// differ.
//
// Threading: one thread at a time.
// Ownership and lifetime: borrows router and limits.
// Reference: the idea is that of V. Jacobson's header prediction, for TCP.
class RequestReader {
 public:
  using Outcome = RequestParser::Outcome;

  RequestReader(const Router* router, const HttpLimits* limits)
      : router_(*router), limits_(*limits) {}
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // As RequestParser::Parse(), by the connection's parser. After kComplete
  // request() is routed, after kRefused its head is what came before.
  Outcome Read(RequestParser& parser, std::string_view input) {
    if (!known_text_.empty() && !parser.begun() &&
        input.starts_with(known_text_)) {
      last_ = &known_;
      was_of_use_ = true;
      return Outcome::kComplete;
    }
    return Parse(parser, input);
  }

  // A head that Read() has found complete before: the same again, elsewhere.
  void Reread(std::string_view head);

  // Of the last call. Views into its input, or into what is kept: good until
  // that changes or the next call.
  const RoutedHead& request() const { return *last_; }

 private:
  // A longer one is not kept.
  static constexpr size_t kMaxKnownBytes = 2 * 1'024;
  // So often one that seems to come again may not be kept.
  static constexpr uint32_t kMaxPassedOver = 1'023;

  Outcome Parse(RequestParser& parser, std::string_view input);
  void Route(RoutedHead& routed);
  bool IsWorthKeeping(std::string_view text);
  void Keep(std::string_view text);

  const Router& router_;
  const HttpLimits& limits_;
  RoutedHead parsed_;
  std::string known_text_;
  RoutedHead known_;  // what that means
  uint64_t parsed_signature_ = 0;
  bool was_of_use_ = true;    // what is known
  uint32_t passed_over_ = 0;  // since it is known
  uint32_t must_be_passed_over_ = 0;
  const RoutedHead* last_ = &parsed_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_REQUEST_READER_H_
