#ifndef RONDO_NET_HTTP_ROUTE_H_
#define RONDO_NET_HTTP_ROUTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/http/http_handler.h"

namespace rondo {

// What is special about a route.
struct RouteOptions {
  // Instead of the server's limit.
  std::optional<uint64_t> max_body_bytes = std::nullopt;
  // The handler is called before the body, which comes to its BodyReader.
  bool stream_body = false;
};

// One line of a router.
//
// Threading: constant once it has been added.
struct Route {
  std::string method;  // or Router::kAnyMethod
  std::string pattern;
  HttpHandler handler;
  RouteOptions options = {};
  std::vector<std::string> parameter_names = {};  // in the pattern's order
  size_t index = 0;                               // among the router's
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ROUTE_H_
