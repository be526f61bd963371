#include "net/http/http_metrics.h"

#include <utility>

namespace rondo {

HttpMetrics::HttpMetrics(std::vector<RouteName> routes)
    : names_(std::move(routes)) {}

HttpMetrics::~HttpMetrics() = default;

HttpMetrics::Shard& HttpMetrics::AddShard() {
  std::unique_ptr<Shard> shard(new Shard(names_.size()));
  MutexLock lock(&mu_);
  return *shards_.emplace_back(std::move(shard));
}

HttpMetrics::Snapshot HttpMetrics::TakeSnapshot() const {
  Snapshot snapshot;
  snapshot.routes.reserve(names_.size());
  for (const RouteName& name : names_) snapshot.routes.push_back({name, {}});
  for (const Shard* shard : Shards()) {
    for (size_t i = 0; i < names_.size(); ++i) {
      shard->routes_[i].AddTo(snapshot.routes[i].counted);
    }
    shard->routes_.back().AddTo(snapshot.unrouted);
    for (size_t i = 0; i < kHttpLimits; ++i) {
      snapshot.limits[i] += shard->limits_[i].load(std::memory_order_relaxed);
    }
  }
  return snapshot;
}

// None of them is ever destroyed before this object: they are read without the
// lock.
std::vector<const HttpMetrics::Shard*> HttpMetrics::Shards() const {
  MutexLock lock(&mu_);
  std::vector<const Shard*> shards;
  shards.reserve(shards_.size());
  for (const auto& shard : shards_) shards.push_back(shard.get());
  return shards;
}

}  // namespace rondo
