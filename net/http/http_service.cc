#include "net/http/http_service.h"

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

HttpService::HttpService(Router router, HttpOptions options)
    : router_(std::move(router)),
      options_(std::move(options)),
      metrics_(MetricsOf(router_)) {}

}  // namespace rondo
