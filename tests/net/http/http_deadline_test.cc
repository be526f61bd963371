// Clients that take too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "net/http/body_reader.h"
#include "net/http/http_limit.h"
#include "net/http/http_metrics.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using End = LoopbackClient::End;

constexpr absl::Duration kSecond = absl::Seconds(1);

// The clock is a base, so that it is there before the loop.
struct HasClock {
  FakeClock clock_;
};

class HttpDeadlineTest : private HasClock, public HttpServerFixture {
 protected:
  HttpDeadlineTest()
      : HttpServerFixture(
            {.clock = &clock_, .stall_limit = absl::InfiniteDuration()}) {
    options_ = {.header_timeout = 10 * kSecond,
                .body_timeout = 20 * kSecond,
                .min_body_bytes_per_second = 100,
                .keep_alive_timeout = 30 * kSecond};
    tcp_options_.limits.first_byte_timeout = absl::InfiniteDuration();
    tcp_options_.limits.idle_timeout = absl::InfiniteDuration();
  }
  ~HttpDeadlineTest() override { Stop(); }

  void Advance(absl::Duration d) {
    clock_.Advance(d);
    AwaitTurns();
  }
  // Has `bytes` read, then time passes.
  void SendAndAdvance(LoopbackClient& client, std::string_view bytes,
                      absl::Duration d) {
    client.Send(bytes);
    AwaitRead(client);
    Advance(d);
  }

  static void ExpectTimedOut(LoopbackClient& client) {
    const std::string answer = WithoutDates(client.ReceiveAll());
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 408 Request Timeout\r\n"),
                              HasSubstr("\r\nConnection: close\r\n")));
    EXPECT_EQ(StatusLines(answer).size(), 1u);
  }
  static void ExpectSilentEnd(LoopbackClient& client) {
    EXPECT_EQ(client.Receive(1), "");
    EXPECT_EQ(client.AwaitEnd(), End::kFin);
  }

  std::atomic<int> aborted_{0};
};

// --- A head. -----------------------------------------------------------------

TEST_F(HttpDeadlineTest, AHeadThatStopsIs408) {
  Start();
  LoopbackClient client = Connect();
  SendAndAdvance(client, "GET / HTTP/1.1\r\nHo", 9 * kSecond);
  EXPECT_TRUE(HasNothing(client));
  Advance(2 * kSecond);
  ExpectTimedOut(client);
  EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kHeaderTimeout), 1u);
}

TEST_F(HttpDeadlineTest, TricklingAHeadBuysNoTime) {
  Start();
  LoopbackClient client = Connect();
  for (int i = 0; i < 9; ++i) SendAndAdvance(client, "G", kSecond);
  EXPECT_TRUE(HasNothing(client));
  SendAndAdvance(client, "G", 2 * kSecond);
  ExpectTimedOut(client);
}

TEST_F(HttpDeadlineTest, AHeadInTimeIsAnswered) {
  Start();
  LoopbackClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    const std::string request = Request("GET /");
    SendAndAdvance(client, request.substr(0, 10), 9 * kSecond);
    client.Send(request.substr(10));
    EXPECT_EQ(Receive(client), Ok("hello"));
  }
}

// --- Between requests. -------------------------------------------------------

TEST_F(HttpDeadlineTest, AnIdleConnectionEndsInSilence) {
  Start();
  LoopbackClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    client.Send(Request("GET /"));
    EXPECT_EQ(Receive(client), Ok("hello"));
    AwaitTurns();
    Advance(29 * kSecond);
    EXPECT_TRUE(HasNothing(client));
  }
  Advance(2 * kSecond);
  ExpectSilentEnd(client);
  EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kKeepAliveTimeout), 1u);
}

TEST_F(HttpDeadlineTest, WhoSaysNothingAtAllEndsInSilence) {
  tcp_options_.limits.first_byte_timeout = 40 * kSecond;
  Start();
  LoopbackClient client = Connect();
  AwaitTrue([this] { return server_->tcp().open_connections() == 1; });
  AwaitTurns();
  Advance(41 * kSecond);
  ExpectSilentEnd(client);
}

// --- A body. -----------------------------------------------------------------

TEST_F(HttpDeadlineTest, ABodyThatStopsIs408) {
  Start();
  LoopbackClient client = Connect();
  SendAndAdvance(client, Request("POST /echo", "Content-Length: 100\r\n") + "x",
                 19 * kSecond);
  EXPECT_TRUE(HasNothing(client));
  Advance(2 * kSecond);
  ExpectTimedOut(client);
  EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kBodyTimeout), 1u);
}

// Each 100 bytes buy a second.
TEST_F(HttpDeadlineTest, ABodyHasAMinimumRate) {
  OnStream("/stream", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody({.on_data = [](ResponseWriter&, std::string_view) {},
                     .on_end = [](ResponseWriter& w,
                                  const HttpTrailers&) { w.Send("all"); },
                     .on_abort = [this] { ++aborted_; }});
  }).Start();
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    SCOPED_TRACE(line);
    LoopbackClient slow = Connect();
    LoopbackClient slow_chunks = Connect();
    LoopbackClient fast = Connect();
    slow.Send(Request(line, "Content-Length: 10000\r\n"));
    slow_chunks.Send(Request(line, "Transfer-Encoding: chunked\r\n"));
    fast.Send(Request(line, "Content-Length: 10000\r\n"));
    for (int i = 0; i < 50; ++i) {
      // Half of the rate: the 20 seconds at the beginning are used up after 40.
      if (i < 39) {
        slow.Send(std::string(50, 'x'));
        slow_chunks.Send("32\r\n" + std::string(50, 'x') + "\r\n");
      }
      fast.Send(std::string(200, 'x'));
      for (const LoopbackClient* client : {&slow, &slow_chunks, &fast}) {
        AwaitRead(*client);
      }
      if (i < 38) {
        EXPECT_TRUE(HasNothing(slow)) << i;
        EXPECT_TRUE(HasNothing(slow_chunks)) << i;
      }
      Advance(kSecond);
    }
    EXPECT_THAT(Receive(fast), StartsWith("HTTP/1.1 200 OK\r\n"));
    ExpectTimedOut(slow);
    ExpectTimedOut(slow_chunks);
  }
  EXPECT_EQ(aborted_, 2);
}

TEST_F(HttpDeadlineTest, AnAnswerThatHasBegunIsCutOff) {
  OnStream("/stream", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.ReadBody({.on_data = [](ResponseWriter& w,
                                   std::string_view data) { w.Write(data); },
                     .on_abort = [this] { ++aborted_; }});
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /stream", "Content-Length: 100\r\n") + "x");
  Receive(client, true);
  EXPECT_EQ(client.Receive(6), "1\r\nx\r\n");
  AwaitTurns();
  Advance(21 * kSecond);
  EXPECT_EQ(client.ReceiveAll(), "");  // no last chunk
  AwaitTurns();
  EXPECT_EQ(aborted_, 1);
}

// To HTTP/1.0 the connection's end is the body's: a FIN would say it is whole.
TEST_F(HttpDeadlineTest, AnAnswerWithoutFramingIsReset) {
  OnStream("/stream", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody({.on_data = [](ResponseWriter& w, std::string_view data) {
      w.Write(data);
    }});
    writer.Begin(HttpStatus::kOk);
  }).Start();
  LoopbackClient client = Connect();
  client.Send("POST /stream HTTP/1.0\r\nContent-Length: 100\r\n\r\nx");
  Receive(client, true);
  EXPECT_EQ(client.Receive(1), "x");
  AwaitTurns();
  Advance(21 * kSecond);
  EXPECT_EQ(client.AwaitEnd(), End::kReset);
}

// Of what it sends in parts the rest is not sent any more.
TEST_F(HttpDeadlineTest, ALargeAnswerThatIsCutOffIsNotCounted) {
  constexpr size_t kLarge = 32 << 20;
  tcp_options_.limits.max_lifetime = 100 * kSecond;
  tcp_options_.limits.write_stall_timeout = 1'000 * kSecond;
  On("GET", "/large", Says(std::string(kLarge, 'x'))).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /large") + Request("GET /"));
  AwaitRead(client);
  Advance(101 * kSecond);
  EXPECT_LT(client.ReceiveAll().size(), kLarge);
  for (const HttpMetrics::Route& route : server_->TakeSnapshot().routes) {
    EXPECT_EQ(route.counted.latency_ns.count(), 0u) << route.name.pattern;
  }
}

// --- Time that is the server's own. ------------------------------------------

TEST_F(HttpDeadlineTest, TheTimeOfAnAnswerDoesNotCount) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  Advance(absl::Minutes(20));
  held_.Give(0, "late");
  EXPECT_EQ(Receive(client), Ok("late"));
  AwaitTurns();
  Advance(29 * kSecond);  // and the next request has all of its own
  client.Send(Request("GET /"));
  EXPECT_EQ(Receive(client), Ok("hello"));
}

TEST_F(HttpDeadlineTest, AHalfRequestBehindOneHasItsTimeAfterIt) {
  On("GET", "/later", held_.Handler()).Start();
  const std::string half[] = {
      "GET / HTT", Request("POST /echo", "Content-Length: 100\r\n") + "x"};
  const absl::Duration time[] = {10 * kSecond, 20 * kSecond};
  for (int i = 0; i < 2; ++i) {
    LoopbackClient client = Connect();
    client.Send(Request("GET /later"));
    held_.Await(i + 1);
    SendAndAdvance(client, half[i], absl::Minutes(5));
    EXPECT_TRUE(HasNothing(client)) << half[i];
    held_.Give(i, "late");
    EXPECT_EQ(Receive(client), Ok("late"));
    AwaitTurns();
    Advance(time[i] - kSecond);
    EXPECT_TRUE(HasNothing(client)) << half[i];
    Advance(2 * kSecond);
    ExpectTimedOut(client);
  }
}

TEST_F(HttpDeadlineTest, ThePauseOfABodyDoesNotCount) {
  OnStream("/stream", [this, hold = held_.Handler()](const HttpRequest& request,
                                                     ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data = [](ResponseWriter& w, std::string_view) { w.PauseBody(); },
         .on_abort = [this] { ++aborted_; }});
    hold(request, writer);
  }).Start();
  LoopbackClient client = Connect();
  SendAndAdvance(client,
                 Request("POST /stream", "Content-Length: 100\r\n") + "x",
                 absl::Minutes(20));
  EXPECT_TRUE(HasNothing(client));
  held_.Await(1);
  held_.Run(0, [](ResponseWriter* w) { w->ResumeBody(); });
  AwaitTurns();
  Advance(19 * kSecond);
  EXPECT_TRUE(HasNothing(client));
  EXPECT_EQ(aborted_, 0);
  Advance(2 * kSecond);
  ExpectTimedOut(client);
  EXPECT_EQ(aborted_, 1);
}

// A client that has been refused, and goes on sending, is not waited for.
TEST_F(HttpDeadlineTest, ABodyThatNobodyWantsIsNotWaitedForEither) {
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /none", "Content-Length: 100\r\n") + "x");
  EXPECT_THAT(Receive(client), StartsWith("HTTP/1.1 404 "));
  AwaitTurns();
  Advance(21 * kSecond);
  ExpectSilentEnd(client);
}

}  // namespace
}  // namespace rondo
