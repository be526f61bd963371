#include "net/http/route_metrics.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>

#include "net/http/http_status.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using Responses = decltype(RouteMetrics::Snapshot::responses);

// What one answer with that status is counted as.
Responses CountedAs(int status) {
  RouteMetrics metrics;
  metrics.Begin();
  metrics.Finish(HttpStatus(status), 0, 0, 0);
  return metrics.TakeSnapshot().responses;
}

TEST(RouteMetricsTest, AtFirstAllIsZero) {
  const RouteMetrics::Snapshot empty = RouteMetrics().TakeSnapshot();
  EXPECT_EQ(empty.requests, 0u);
  EXPECT_EQ(empty.request_body_bytes, 0u);
  EXPECT_EQ(empty.response_body_bytes, 0u);
  EXPECT_EQ(empty.aborted, 0u);
  EXPECT_EQ(empty.responses, Responses());
  EXPECT_EQ(empty.latency_ns.count(), 0u);
  EXPECT_EQ(empty.in_flight(), 0u);
}

TEST(RouteMetricsTest, CountsWhatARequestWas) {
  RouteMetrics metrics;
  metrics.Begin();
  metrics.Finish(HttpStatus::kOk, 10, 2'000, 3'000);
  metrics.Begin();
  metrics.Finish(HttpStatus::kNotFound, 5, 9, 1'000);
  const RouteMetrics::Snapshot counted = metrics.TakeSnapshot();
  EXPECT_EQ(counted.requests, 2u);
  EXPECT_EQ(counted.request_body_bytes, 15u);
  EXPECT_EQ(counted.response_body_bytes, 2'009u);
  EXPECT_EQ(counted.aborted, 0u);
  EXPECT_EQ(counted.responses, (Responses{0, 1, 0, 1, 0}));
  EXPECT_EQ(counted.latency_ns.count(), 2u);
  EXPECT_EQ(counted.latency_ns.sum(), 4'000);
  EXPECT_EQ(counted.latency_ns.max(), 3'000);
}

TEST(RouteMetricsTest, ThoseThatEndAlikeMayBeCountedTogether) {
  RouteMetrics metrics;
  for (int i = 0; i < 3; ++i) metrics.Begin();
  metrics.Finish(HttpStatus::kOk, 30, 60, 1'000, 3);
  const RouteMetrics::Snapshot counted = metrics.TakeSnapshot();
  EXPECT_EQ(counted.request_body_bytes, 30u);
  EXPECT_EQ(counted.response_body_bytes, 60u);
  EXPECT_EQ(counted.responses, (Responses{0, 3, 0, 0, 0}));
  EXPECT_EQ(counted.latency_ns.count(), 3u);
  EXPECT_EQ(counted.latency_ns.sum(), 3'000);
  EXPECT_EQ(counted.in_flight(), 0u);
}

TEST(RouteMetricsTest, Rfc9110_15_ClassesAreTheFirstDigit) {
  EXPECT_EQ(CountedAs(100), (Responses{1, 0, 0, 0, 0}));
  EXPECT_EQ(CountedAs(101), (Responses{1, 0, 0, 0, 0}));
  EXPECT_EQ(CountedAs(200), (Responses{0, 1, 0, 0, 0}));
  EXPECT_EQ(CountedAs(299), (Responses{0, 1, 0, 0, 0}));
  EXPECT_EQ(CountedAs(300), (Responses{0, 0, 1, 0, 0}));
  EXPECT_EQ(CountedAs(499), (Responses{0, 0, 0, 1, 0}));
  EXPECT_EQ(CountedAs(500), (Responses{0, 0, 0, 0, 1}));
  EXPECT_EQ(CountedAs(599), (Responses{0, 0, 0, 0, 1}));
}

TEST(RouteMetricsTest, Rfc9110_15_AnUnknownClassIsA5xx) {
  for (const int status : {0, 1, 99, 600, 999, 65'535}) {
    EXPECT_EQ(CountedAs(status), (Responses{0, 0, 0, 0, 1})) << status;
  }
}

TEST(RouteMetricsTest, InFlightIsWhatHasBegunAndNotEnded) {
  RouteMetrics metrics;
  const auto in_flight = [&metrics] {
    return metrics.TakeSnapshot().in_flight();
  };
  for (int i = 0; i < 3; ++i) metrics.Begin();
  EXPECT_EQ(in_flight(), 3u);
  metrics.Finish(HttpStatus::kOk, 0, 0, 0);
  EXPECT_EQ(in_flight(), 2u);
  metrics.Abort(0, 0);
  EXPECT_EQ(in_flight(), 1u);
  metrics.Finish(HttpStatus::kBadGateway, 0, 0, 0);
  EXPECT_EQ(in_flight(), 0u);
}

TEST(RouteMetricsTest, WhatIsAbortedCountsItsBytesAndHasNoLatency) {
  RouteMetrics metrics;
  metrics.Begin();
  metrics.Abort(7, 11);
  const RouteMetrics::Snapshot counted = metrics.TakeSnapshot();
  EXPECT_EQ(counted.aborted, 1u);
  EXPECT_EQ(counted.request_body_bytes, 7u);
  EXPECT_EQ(counted.response_body_bytes, 11u);
  EXPECT_EQ(counted.responses, Responses());
  EXPECT_EQ(counted.latency_ns.count(), 0u);
}

TEST(RouteMetricsTest, AddsToASum) {
  RouteMetrics metrics;
  metrics.Begin();
  metrics.Finish(HttpStatus::kOk, 1, 2, 3);
  metrics.Begin();
  metrics.Abort(4, 5);
  metrics.Begin();
  RouteMetrics::Snapshot sum;
  for (int i = 0; i < 2; ++i) metrics.AddTo(sum);
  EXPECT_EQ(sum.requests, 6u);
  EXPECT_EQ(sum.request_body_bytes, 10u);
  EXPECT_EQ(sum.response_body_bytes, 14u);
  EXPECT_EQ(sum.aborted, 2u);
  EXPECT_EQ(sum.responses, (Responses{0, 2, 0, 0, 0}));
  EXPECT_EQ(sum.latency_ns.count(), 2u);
  EXPECT_EQ(sum.in_flight(), 2u);
}

// Who sees the end of a request sees all else of it, at every moment.
TEST(RouteMetricsTest, IsReadWhileItIsWritten) {
  constexpr uint64_t kRequests = 100'000;
  RouteMetrics metrics;
  std::atomic<bool> reading{false};
  Thread writer = NewThread("writer", [&] {
    while (!reading) {
    }
    for (uint64_t i = 0; i < kRequests; ++i) {
      metrics.Begin();
      if (i % 2 == 0) {
        metrics.Finish(HttpStatus::kOk, 3, 5, i);
      } else {
        metrics.Abort(3, 5);
      }
    }
  });
  for (uint64_t ended = 0; ended < kRequests;) {
    const RouteMetrics::Snapshot seen = metrics.TakeSnapshot();
    reading = true;
    const uint64_t now_ended = seen.aborted + seen.responses[1];
    ASSERT_GE(now_ended, ended);
    ASSERT_GE(seen.requests, now_ended);
    ASSERT_LE(seen.in_flight(), kRequests);
    ASSERT_GE(seen.request_body_bytes, 3 * now_ended);
    ASSERT_GE(seen.response_body_bytes, 5 * now_ended);
    ASSERT_GE(seen.latency_ns.count(), seen.responses[1]);
    ended = now_ended;
  }
  writer.Join();
  const RouteMetrics::Snapshot all = metrics.TakeSnapshot();
  EXPECT_EQ(all.request_body_bytes, 3 * kRequests);
  EXPECT_EQ(all.in_flight(), 0u);
}

TEST(RouteMetricsTest, InFlightIsNeverNegative) {
  constexpr int kSnapshots = 20'000;
  RouteMetrics metrics;
  std::atomic<bool> done{false};
  Thread writer = NewThread("writer", [&] {
    while (!done) {
      metrics.Begin();
      metrics.Abort(0, 0);
    }
  });
  int bad = 0;
  for (int i = 0; i < kSnapshots; ++i) {
    const RouteMetrics::Snapshot seen = metrics.TakeSnapshot();
    bad += seen.requests < seen.aborted;
  }
  done = true;
  EXPECT_EQ(bad, 0);
}

}  // namespace
}  // namespace rondo
