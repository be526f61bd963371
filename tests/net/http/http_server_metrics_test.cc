// What a server counts of its routes, while it serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/http/http_metrics.h"
#include "net/http/route_metrics.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

// The clock is a base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class HttpServerMetricsTest : private HasClock, public HttpServerFixture {
 protected:
  HttpServerMetricsTest()
      : HttpServerFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {}
  ~HttpServerMetricsTest() override { Stop(); }

  void Advance(absl::Duration d) {
    clock_.Advance(d);
    AwaitTurns();
  }

  // What has been counted of the route with this pattern; "": of none.
  RouteMetrics::Snapshot Counted(const std::string& pattern) const {
    const HttpMetrics::Snapshot snapshot = server_->TakeSnapshot();
    for (const HttpMetrics::Route& route : snapshot.routes) {
      if (route.name.pattern == pattern) return route.counted;
    }
    return snapshot.unrouted;
  }
};

TEST_F(HttpServerMetricsTest, CountsEachRouteWithItsBodies) {
  Start();
  Ask(Request("GET /") + Request("GET /") + Post("/echo", "12345") +
      Request("HEAD /") + Post("/echo", "123") + LastRequest());
  const RouteMetrics::Snapshot root = Counted("/");
  EXPECT_EQ(root.requests, 4u);
  EXPECT_THAT(root.responses, ElementsAre(0, 4, 0, 0, 0));
  EXPECT_EQ(root.response_body_bytes, 3 * 5u);  // and none of HEAD
  EXPECT_EQ(root.latency_ns.count(), 4u);
  const RouteMetrics::Snapshot echo = Counted("/echo");
  EXPECT_EQ(echo.requests, 2u);
  EXPECT_EQ(echo.request_body_bytes, 8u);
  EXPECT_EQ(echo.response_body_bytes, 8u);
  EXPECT_EQ(Counted("").requests, 0u);
}

TEST_F(HttpServerMetricsTest, CountsStatusesOfOnesThatCameTogether) {
  On("GET", "/say/{status}",
     [](const HttpRequest& request, ResponseWriter& writer) {
       writer.Send(
           HttpStatus(std::stoi(std::string(*request.parameter("status")))),
           "x");
     })
      .Start();
  std::string requests;
  for (const char* status : {"200", "200", "404", "200", "404", "503", "302"}) {
    requests += Request("GET /say/" + std::string(status));
  }
  Ask(requests + LastRequest());
  const RouteMetrics::Snapshot counted = Counted("/say/{status}");
  EXPECT_THAT(counted.responses, ElementsAre(0, 3, 1, 2, 1));
  EXPECT_EQ(counted.latency_ns.count(), 7u);
  EXPECT_EQ(counted.in_flight(), 0u);
}

TEST_F(HttpServerMetricsTest, WhatNoRouteAnswersIsCountedByItself) {
  Start();
  Ask(Request("GET /none") + Request("PUT /") + "bad\r\n\r\n");
  EXPECT_EQ(Counted("").requests, 3u);
  EXPECT_THAT(Counted("").responses, ElementsAre(0, 0, 0, 3, 0));
  EXPECT_EQ(Counted("/").requests, 0u);
}

TEST_F(HttpServerMetricsTest, TheLatencyIsUntilTheAnswer) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  EXPECT_EQ(Counted("/later").in_flight(), 1u);
  Advance(absl::Seconds(3));
  held_.Give(0, "late");
  Receive(client);
  AwaitTurns();
  const RouteMetrics::Snapshot counted = Counted("/later");
  EXPECT_EQ(counted.latency_ns.count(), 1u);
  EXPECT_EQ(counted.latency_ns.max(), 3'000'000'000);
  EXPECT_EQ(counted.in_flight(), 0u);
}

TEST_F(HttpServerMetricsTest, WhoLeavesHasAborted) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /") + Request("GET /later"));
  held_.Await(2);
  client.Reset();
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  const RouteMetrics::Snapshot counted = Counted("/later");
  EXPECT_EQ(counted.aborted, 2u);
  EXPECT_EQ(counted.latency_ns.count(), 0u);
  EXPECT_EQ(counted.in_flight(), 0u);
  EXPECT_EQ(Counted("/").aborted, 1u) << "it was given, and never sent";
  EXPECT_EQ(Counted("/").response_body_bytes, 0u);
}

}  // namespace
}  // namespace rondo
