#include "net/http/http_service.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace rondo {
namespace {

std::unique_ptr<HttpMetrics> MetricsOf(const Router& router) {
  std::vector<HttpMetrics::RouteName> names;
  for (const auto& route : router.routes()) {
    names.push_back({route->method, route->pattern});
  }
  return std::make_unique<HttpMetrics>(std::move(names));
}

}  // namespace

size_t NeededInputBytes(const Router& router, const HttpLimits& limits) {
  constexpr size_t kOneRead = 64 * 1'024;
  uint64_t body_bytes = limits.max_body_bytes;
  for (const auto& route : router.routes()) {
    const RouteOptions& options = route->options;
    if (options.stream_body) continue;
    body_bytes = std::max(
        body_bytes, options.max_body_bytes.value_or(limits.max_body_bytes));
  }
  const uint64_t rest =
      limits.max_request_line_bytes + limits.max_header_bytes +
      limits.max_chunk_extension_bytes + limits.max_trailer_bytes + kOneRead;
  return body_bytes + std::min(rest, UINT64_MAX - body_bytes);
}

HttpService::HttpService(Router router, HttpOptions options)
    : router_(std::move(router)),
      options_(std::move(options)),
      metrics_(MetricsOf(router_)) {}

}  // namespace rondo
