#ifndef RONDO_NET_HTTP_ROUTE_METRICS_H_
#define RONDO_NET_HTTP_ROUTE_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/histogram.h"
#include "net/http/http_status.h"

namespace rondo {

// What one route does on one loop, in numbers that any thread can read.
//
//              ┌─► Finish(): its answer has gone out   ─► responses, latency
//   Begin() ───┤
//              └─► Abort(): its connection ended first ─► aborted
//
// Each costs a few plain stores: there is one writer.
//
// Threading: Begin(), Finish() and Abort() are for one thread at a time;
// TakeSnapshot() and AddTo() are Thread-safe.
// Ownership: owns its histogram, 15 KB, made when the first answer has gone
// out: a route that nobody asks for costs two cache lines.
// Errors: none. Counters wrap at 2^64.
// Units: bytes of bodies, without heads and without the framing of chunks.
//
// Example:
//   metrics.Begin();
//   ...
//   metrics.Finish(HttpStatus::kOk, 0, body.size(), latency_ns);
class alignas(64) RouteMetrics {  // shares no cache line with another's
 public:
  static constexpr size_t kStatusClasses = 5;

  struct Snapshot;

  RouteMetrics() = default;
  RouteMetrics(const RouteMetrics&) = delete;
  RouteMetrics& operator=(const RouteMetrics&) = delete;

  // A request has come for this route.
  void Begin() { Add(requests_, 1, std::memory_order_relaxed); }

  // All of its response is on its way, so long after it came; or those of
  // `count` requests with so many bytes together.
  // Requires: it was begun, here.
  void Finish(HttpStatus status, uint64_t request_body_bytes,
              uint64_t response_body_bytes, int64_t latency_ns,
              uint64_t count = 1);

  // It ended without all of its response. Requires: as Finish().
  void Abort(uint64_t request_body_bytes, uint64_t response_body_bytes);

  Snapshot TakeSnapshot() const;

  // Adds what TakeSnapshot() would tell, without copying a histogram.
  void AddTo(Snapshot& sum) const;

 private:
  using Counter = std::atomic<uint64_t>;

  // Load and store, not fetch_add: there is one writer.
  static void Add(Counter& to, uint64_t value, std::memory_order order) {
    to.store(to.load(std::memory_order_relaxed) + value, order);
  }
  void AddBytes(uint64_t request_body_bytes, uint64_t response_body_bytes);
  Histogram& Latency();

  // Written by the recording thread. What ends a request is stored last, with
  // release, and loaded first, with acquire: a reader who sees the end of a
  // request sees all else of it.
  Counter requests_{0};
  Counter request_body_bytes_{0};
  Counter response_body_bytes_{0};
  Counter aborted_{0};
  std::array<Counter, kStatusClasses> responses_{};
  std::unique_ptr<Histogram> owned_latency_ns_;
  // The same, for readers; null until it is there.
  std::atomic<const Histogram*> latency_ns_{nullptr};
};

// What a RouteMetrics had counted at one moment, or several of them together.
struct RouteMetrics::Snapshot {
  uint64_t requests = 0;  // begun
  uint64_t request_body_bytes = 0;
  uint64_t response_body_bytes = 0;
  uint64_t aborted = 0;
  // By class, 1xx first. A status that is of none counts as 5xx, as clients
  // take it (RFC 9110 §15).
  std::array<uint64_t, kStatusClasses> responses = {};
  // Of responses. Has at least as many as there are of those.
  Histogram::Snapshot latency_ns;

  // How many were neither finished nor aborted.
  uint64_t in_flight() const;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ROUTE_METRICS_H_
