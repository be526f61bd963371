#ifndef RONDO_NET_HTTP_HTTP_METRICS_H_
#define RONDO_NET_HTTP_HTTP_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http/http_limit.h"
#include "net/http/route_metrics.h"

namespace rondo {

// What a server's routes have done since it began, on all of its loops.
//
//              route 0  route 1  …  unrouted
//   shard 0       +        +            +       written by the first loop
//   shard 1       +        +            +       written by the second
//                 =        =            =       TakeSnapshot()
//
// Each loop has a shard of its own, so that to count a request is to store into
// memory that no other loop writes.
//
// Threading: all methods are Thread-safe. A shard is for one thread at a time.
// Ownership and lifetime: owns its shards, and keeps those of loops that have
// ended: no sum ever falls. Outlives whoever records.
// Units: as in RouteMetrics; latencies in nanoseconds.
//
// Example:
//   const HttpMetrics::Snapshot now = metrics.TakeSnapshot();
//   for (const HttpMetrics::Route& route : now.routes) {
//     std::cout << route.name.method << " " << route.name.pattern << ": "
//               << route.counted.requests << ", p99 "
//               << route.counted.latency_ns.ValueAtPercentile(99) << " ns\n";
//   }
class HttpMetrics {
 public:
  struct RouteName {
    std::string method;  // empty: any
    std::string pattern;
  };
  struct Route {
    RouteName name;
    RouteMetrics::Snapshot counted;
  };
  struct Snapshot {
    std::vector<Route> routes;  // in the order of the constructor's names
    // Requests that no route has answered: 404, 405, and those that could not
    // be read.
    RouteMetrics::Snapshot unrouted;
    // How often each limit has been met, in the order of HttpLimit.
    std::array<uint64_t, kHttpLimits> limits = {};

    uint64_t met(HttpLimit limit) const {
      return limits[static_cast<size_t>(limit)];
    }
  };
  class Shard;

  explicit HttpMetrics(std::vector<RouteName> routes);
  HttpMetrics(const HttpMetrics&) = delete;
  HttpMetrics& operator=(const HttpMetrics&) = delete;
  ~HttpMetrics();

  // For one loop of one server: once, when it begins.
  Shard& AddShard();

  // The sums of all shards. It has 15 KB for each route and reads as much from
  // each shard: for every few seconds, not for each request.
  Snapshot TakeSnapshot() const;

 private:
  std::vector<const Shard*> Shards() const;

  const std::vector<RouteName> names_;

  mutable Mutex mu_;
  std::vector<std::unique_ptr<Shard>> shards_ ABSL_GUARDED_BY(mu_);
};

// The counters of one loop.
class HttpMetrics::Shard {
 public:
  // That of the constructor's name with this index. Requires: there is one.
  RouteMetrics& route(size_t index) { return routes_[index]; }
  RouteMetrics& unrouted() { return routes_.back(); }

  // Somebody has come up against this limit.
  void Meet(HttpLimit limit) {
    // Load and store, not fetch_add: there is one writer.
    std::atomic<uint64_t>& met = limits_[static_cast<size_t>(limit)];
    met.store(met.load(std::memory_order_relaxed) + 1,
              std::memory_order_relaxed);
  }

 private:
  friend class HttpMetrics;

  explicit Shard(size_t routes) : routes_(routes + 1) {}

  std::vector<RouteMetrics> routes_;  // the last is unrouted()
  std::array<std::atomic<uint64_t>, kHttpLimits> limits_{};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_METRICS_H_
