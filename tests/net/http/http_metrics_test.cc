#include "net/http/http_metrics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/http/http_status.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

constexpr size_t kFirst = 0;
constexpr size_t kSecond = 1;

std::vector<HttpMetrics::RouteName> TwoRoutes() {
  return {{"GET", "/a"}, {"", "/b/{c}"}};
}

void CountOne(RouteMetrics& metrics, int64_t latency_ns) {
  metrics.Begin();
  metrics.Finish(HttpStatus::kOk, 1, 2, latency_ns);
}

TEST(HttpMetricsTest, NamesItsRoutesInTheirOrder) {
  const HttpMetrics metrics(TwoRoutes());
  const HttpMetrics::Snapshot snapshot = metrics.TakeSnapshot();
  ASSERT_EQ(snapshot.routes.size(), 2u);
  EXPECT_EQ(snapshot.routes[kFirst].name.method, "GET");
  EXPECT_EQ(snapshot.routes[kFirst].name.pattern, "/a");
  EXPECT_EQ(snapshot.routes[kFirst].counted.requests, 0u);
  EXPECT_EQ(snapshot.routes[kSecond].name.method, "");
  EXPECT_EQ(snapshot.routes[kSecond].name.pattern, "/b/{c}");
  EXPECT_EQ(snapshot.unrouted.requests, 0u);
}

TEST(HttpMetricsTest, CountsEachRouteByItself) {
  HttpMetrics metrics(TwoRoutes());
  HttpMetrics::Shard& shard = metrics.AddShard();
  for (int i = 0; i < 1; ++i) shard.route(kFirst).Begin();
  for (int i = 0; i < 2; ++i) shard.route(kSecond).Begin();
  for (int i = 0; i < 3; ++i) shard.unrouted().Begin();
  const HttpMetrics::Snapshot snapshot = metrics.TakeSnapshot();
  EXPECT_EQ(snapshot.routes[kFirst].counted.requests, 1u);
  EXPECT_EQ(snapshot.routes[kSecond].counted.requests, 2u);
  EXPECT_EQ(snapshot.unrouted.requests, 3u);
}

TEST(HttpMetricsTest, AServerMayHaveNoRoutes) {
  HttpMetrics metrics({});
  metrics.AddShard().unrouted().Begin();
  const HttpMetrics::Snapshot snapshot = metrics.TakeSnapshot();
  EXPECT_TRUE(snapshot.routes.empty());
  EXPECT_EQ(snapshot.unrouted.requests, 1u);
}

TEST(HttpMetricsTest, SumsItsShards) {
  HttpMetrics metrics(TwoRoutes());
  for (int i = 1; i <= 4; ++i) {
    HttpMetrics::Shard& shard = metrics.AddShard();
    CountOne(shard.route(kSecond), i);
    shard.unrouted().Begin();
  }
  const HttpMetrics::Snapshot snapshot = metrics.TakeSnapshot();
  EXPECT_EQ(snapshot.unrouted.in_flight(), 4u);
  const RouteMetrics::Snapshot& second = snapshot.routes[kSecond].counted;
  EXPECT_EQ(second.requests, 4u);
  EXPECT_EQ(second.request_body_bytes, 4u);
  EXPECT_EQ(second.response_body_bytes, 8u);
  EXPECT_EQ(second.latency_ns.min(), 1);
  EXPECT_EQ(second.latency_ns.ValueAtPercentile(50), 2);
  EXPECT_EQ(second.latency_ns.max(), 4);
}

TEST(HttpMetricsTest, KeepsWhatAnEndedThreadHasCounted) {
  HttpMetrics metrics(TwoRoutes());
  for (int i = 0; i < 3; ++i) {
    NewThread("loop", [&metrics] {
      CountOne(metrics.AddShard().route(kFirst), 1);
    }).Join();
  }
  EXPECT_EQ(metrics.TakeSnapshot().routes[kFirst].counted.requests, 3u);
}

// Loops begin, count and end while others read: no sum falls.
TEST(HttpMetricsTest, IsReadByManyWhileManyWrite) {
  constexpr int kWriters = 3;
  constexpr int kReaders = 2;
  constexpr uint64_t kRequests = 20'000;
  HttpMetrics metrics(TwoRoutes());
  {
    std::vector<Thread> threads;
    for (int i = 0; i < kWriters; ++i) {
      threads.push_back(NewThread("writer", [&] {
        HttpMetrics::Shard& shard = metrics.AddShard();
        for (uint64_t n = 0; n < kRequests; ++n) {
          CountOne(shard.route(n % 2), n);
          shard.unrouted().Begin();
          shard.unrouted().Abort(0, 0);
        }
      }));
    }
    for (int i = 0; i < kReaders; ++i) {
      threads.push_back(NewThread("reader", [&] {
        uint64_t last = 0;
        while (last < kWriters * kRequests) {
          const HttpMetrics::Snapshot seen = metrics.TakeSnapshot();
          ASSERT_GE(seen.unrouted.aborted, last);
          ASSERT_LE(seen.unrouted.in_flight(), kWriters * kRequests);
          last = seen.unrouted.aborted;
        }
      }));
    }
  }
  const HttpMetrics::Snapshot all = metrics.TakeSnapshot();
  for (const HttpMetrics::Route& route : all.routes) {
    EXPECT_EQ(route.counted.responses[1], kWriters * kRequests / 2);
    EXPECT_EQ(route.counted.latency_ns.count(), kWriters * kRequests / 2);
  }
}

}  // namespace
}  // namespace rondo
