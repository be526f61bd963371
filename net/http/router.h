#ifndef RONDO_NET_HTTP_ROUTER_H_
#define RONDO_NET_HTTP_ROUTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http/http_handler.h"
#include "net/http/path_parameters.h"
#include "net/http/route.h"

namespace rondo {

// Which handler answers what.
//
//   /about            that path
//   /users/{id}       one segment that is not empty, as a parameter
//   /files/{path...}  all the rest, which may be empty and have slashes
//
// Of several that fit and have the method, a literal segment goes before a
// parameter, and that before the rest; what differs first decides. HEAD is
// answered by GET's handler unless it has its own.
//
// A path is decoded once, segment by segment, and then compared: /%61bout is
// /about, and %2F is a slash inside of a parameter. Nothing else is done to it:
// case matters, /about/ is another path, and ".." is a segment like others, so
// whoever opens files by a parameter checks it.
//
// A path leads to each place in the tree of all patterns at most once, and not
// deeper than RoutePattern::kMaxSegments, whatever its length.
//
// Threading: set up by one thread; then const methods are Thread-safe.
// Errors: a pattern that makes no sense, or comes twice, is a bug.
// Reference: RFC 9110 §9 (methods), §10.2.1 (Allow), §15.5.6 (405).
// Example:
//   Router router;
//   router.Add("GET", "/users/{id}",
//              [](const HttpRequest& request, ResponseWriter& writer) {
//                writer.Send(*request.parameter("id"));
//              });
class Router {
 public:
  // For all methods that have no route of their own at that place.
  static constexpr std::string_view kAnyMethod = "";

  // Some methods that routes have; names of them as Allow() gives.
  using MethodSet = uint64_t;
  static constexpr size_t kMaxMethods = 64;

  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // See RoutePattern of what `pattern` may be.
  void Add(std::string_view method, std::string_view pattern,
           HttpHandler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;
    // Without a route: the methods that there are for this path; none if there
    // is no such path.
    MethodSet allowed = 0;
  };
  // After the first look-ups this asks for no memory. A path that does not
  // begin with a slash, or has half an escape, is none that there is.
  Match Find(std::string_view method, std::string_view path,
             PathParameters& parameters) const;

  // A list of them, in the order in which they were first added, as Allow has
  // it. HEAD comes with GET.
  std::string Allow(MethodSet methods) const;
  // Of all routes: what OPTIONS * asks for.
  MethodSet all_methods() const;

  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  class Search;
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <typename T>
  using MapByText =
      std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

  MethodSet SetOf(std::string_view method);

  std::unique_ptr<Node> root_;
  // Where patterns without parameters end, by their text: the path that has the
  // same is found without being cut.
  MapByText<const Node*> exact_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<std::string> methods_;  // by their bits
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ROUTER_H_
