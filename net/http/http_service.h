#ifndef RONDO_NET_HTTP_HTTP_SERVICE_H_
#define RONDO_NET_HTTP_HTTP_SERVICE_H_

#include <memory>
#include <utility>

#include "net/http/http_metrics.h"
#include "net/http/http_options.h"
#include "net/http/router.h"

namespace rondo {

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
