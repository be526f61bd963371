#include "net/http/route_metrics.h"

#include <numeric>

namespace rondo {
namespace {

size_t ClassIndex(HttpStatus status) {
  const size_t index = static_cast<size_t>(status) / 100 - 1;  // 0xx: huge
  return index < RouteMetrics::kStatusClasses
             ? index
             : RouteMetrics::kStatusClasses - 1;
}

}  // namespace

void RouteMetrics::Finish(HttpStatus status, uint64_t request_body_bytes,
                          uint64_t response_body_bytes, int64_t latency_ns,
                          uint64_t count) {
  AddBytes(request_body_bytes, response_body_bytes);
  Latency().Record(latency_ns, count);
  Add(responses_[ClassIndex(status)], count, std::memory_order_release);
}

void RouteMetrics::Abort(uint64_t request_body_bytes,
                         uint64_t response_body_bytes) {
  AddBytes(request_body_bytes, response_body_bytes);
  Add(aborted_, 1, std::memory_order_release);
}

RouteMetrics::Snapshot RouteMetrics::TakeSnapshot() const {
  Snapshot snapshot;
  AddTo(snapshot);
  return snapshot;
}

void RouteMetrics::AddTo(Snapshot& sum) const {
  for (size_t i = 0; i < kStatusClasses; ++i) {
    sum.responses[i] += responses_[i].load(std::memory_order_acquire);
  }
  sum.aborted += aborted_.load(std::memory_order_acquire);
  sum.requests += requests_.load(std::memory_order_relaxed);
  sum.request_body_bytes += request_body_bytes_.load(std::memory_order_relaxed);
  sum.response_body_bytes +=
      response_body_bytes_.load(std::memory_order_relaxed);
  const Histogram* const latency = latency_ns_.load(std::memory_order_acquire);
  if (latency != nullptr) sum.latency_ns.Merge(latency->TakeSnapshot());
}

void RouteMetrics::AddBytes(uint64_t request_body_bytes,
                            uint64_t response_body_bytes) {
  Add(request_body_bytes_, request_body_bytes, std::memory_order_relaxed);
  Add(response_body_bytes_, response_body_bytes, std::memory_order_relaxed);
}

Histogram& RouteMetrics::Latency() {
  if (owned_latency_ns_ == nullptr) {
    owned_latency_ns_ = std::make_unique<Histogram>();
    // Pairs with the acquire in AddTo(): readers see it constructed.
    latency_ns_.store(owned_latency_ns_.get(), std::memory_order_release);
  }
  return *owned_latency_ns_;
}

uint64_t RouteMetrics::Snapshot::in_flight() const {
  return requests -
         std::accumulate(responses.begin(), responses.end(), aborted);
}

}  // namespace rondo
