#ifndef RONDO_NET_HTTP_HTTP_SERVICE_H_
#define RONDO_NET_HTTP_HTTP_SERVICE_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "net/http/http_limits.h"
#include "net/http/http_metrics.h"
#include "net/http/http_options.h"
#include "net/http/router.h"

namespace rondo {

// What ConnectionLimits::max_input_bytes must be for the largest body that a
// route buffers, with its head and what comes behind it. What does not fit is
// too large (413).
size_t NeededInputBytes(const Router& router, const HttpLimits& limits);

// What a server answers, how, and what came of it.
//
// Threading: constant, but for the counters; the loops of a server share it.
class HttpService {
 public:
  HttpService(Router router, HttpOptions options);

  const Router& router() const { return router_; }
  const HttpOptions& options() const { return options_; }
  // Thread-safe.
  HttpMetrics& metrics() const { return *metrics_; }

 private:
  const Router router_;
  const HttpOptions options_;
  const std::unique_ptr<HttpMetrics> metrics_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_SERVICE_H_
