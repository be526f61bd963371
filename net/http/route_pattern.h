#ifndef RONDO_NET_HTTP_ROUTE_PATTERN_H_
#define RONDO_NET_HTTP_ROUTE_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

// Which paths a route is for.
//
//   /users/{id}/{rest...}     a literal, a parameter, and all the rest
//
// Literals are written as a path has them, with escapes: %7B is a brace. A byte
// that a path must escape may stand for itself, but for '?' and '#'.
//
// Errors: one that makes no sense is a bug.
struct RoutePattern {
  // More segments are refused, so that a path is not followed without end.
  static constexpr size_t kMaxSegments = 64;

  enum class Kind : uint8_t { kLiteral, kParameter, kRest };
  struct Part {
    Kind kind;
    std::string text;  // decoded, or the parameter's name

    friend bool operator==(const Part&, const Part&) = default;
  };

  static RoutePattern Parse(std::string_view pattern);

  std::vector<Part> parts;  // one for each segment
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ROUTE_PATTERN_H_
