// Servers that drain and stop while they have something to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/thread.h"
#include "net/http/body_reader.h"
#include "net/tcp/tcp_server.h"
#include "tests/net/http/http_server_fixture.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;

using End = LoopbackClient::End;

constexpr absl::Duration kForEver = absl::InfiniteDuration();

class HttpStopTest : public HttpServerFixture {
 protected:
  HttpStopTest() {
    tcp_options_.limits.drain_quiet_time = absl::Milliseconds(1);
  }
  ~HttpStopTest() override { Stop(); }

  void StartAll() {
    On("GET", "/later", held_.Handler());
    On("GET", "/endless", [this](const HttpRequest&, ResponseWriter& writer) {
      writer.Begin(HttpStatus::kOk);
      writer.OnRoom([](ResponseWriter& w) {
        while (!w.is_sated()) w.Write("on and on");
      });
      events_.Add();
    });
    OnStream("/upload", [this](const HttpRequest&, ResponseWriter& writer) {
      writer.ReadBody(
          {.on_data = [this](ResponseWriter&,
                             std::string_view) { events_.Add(); },
           .on_end = [](ResponseWriter& w,
                        const HttpTrailers&) { w.Send("uploaded"); },
           .on_abort = [this] { ++aborted_; }});
    }).Start();
  }

  // Begins to drain, and returns when each connection knows: one that owes
  // nothing has closed then.
  void Drain() {
    LoopbackClient idle = Connect();
    idle.Send(Request("GET /"));
    Receive(idle);
    server_->tcp().Drain(kForEver);
    EXPECT_EQ(idle.AwaitEnd(), End::kFin);
  }

  std::atomic<int> aborted_{0};
};

// --- Who stops the server while it answers. ----------------------------------

// Several kilobytes that wait: such an exchange is not used again but freed.
TEST_F(HttpStopTest, ADeferredAnswerMayStopTheServer) {
  StartAll();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /later"));
  held_.Await(2);
  held_.Run(1, [this](ResponseWriter* w) {
    w->Begin(HttpStatus::kOk);
    w->Write(std::string(10'000, 'x'));
    server_->tcp().Stop();
    EXPECT_FALSE(w->Write("nobody hears that"));
    events_.Add();
  });
  events_.Await(1);
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(HttpStopTest, SoMayOneThatHasRoom) {
  StartAll();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  held_.Run(0, [this](ResponseWriter* w) {
    w->Begin(HttpStatus::kOk);
    w->OnRoom([this](ResponseWriter& writer) {
      if (events_.count() > 0) return;
      writer.Write(std::string(10'000, 'x'));
      server_->tcp().Stop();
      events_.Add();
    });
  });
  events_.Await(1);
  client.ReceiveAll();
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
}

// --- A drain. ----------------------------------------------------------------

TEST_F(HttpStopTest, ADrainEndsIdleConnections) {
  StartAll();
  LoopbackClient client = Connect();
  client.Send(Request("GET /"));
  EXPECT_EQ(Receive(client), Ok("hello"));
  Drain();
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(HttpStopTest, ADrainLetsWhatIsOwedBeAnsweredWithClose) {
  StartAll();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  AwaitRead(client);
  Drain();
  held_.Give(0, "late");
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("late"));
}

TEST_F(HttpStopTest, OfPipelinedAnswersTheLastSaysClose) {
  StartAll();
  LoopbackClient client = Connect();
  for (int i = 0; i < 3; ++i) client.Send(Request("GET /later"));
  held_.Await(3);
  AwaitRead(client);
  Drain();
  for (int i = 0; i < 3; ++i) held_.Give(i, std::to_string(i));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("0") + Ok("1") + LastOk("2"));
}

TEST_F(HttpStopTest, PipelinedAnswersOutOfOrderAreAllGiven) {
  StartAll();
  LoopbackClient client = Connect();
  for (int i = 0; i < 3; ++i) client.Send(Request("GET /later"));
  held_.Await(3);
  AwaitRead(client);
  Drain();
  for (int i = 2; i >= 0; --i) held_.Give(i, std::to_string(i));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("0") + Ok("1") + LastOk("2"));
}

// What has been read when the drain begins has been asked, though it waits for
// its turn.
TEST_F(HttpStopTest, RequestsBeyondTheLimitOfTheirNumberAreAnswered) {
  options_.max_pipelined_requests = 2;
  StartAll();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /later") +
              Request("GET /later") + Request("GET /later"));
  held_.Await(2);
  AwaitRead(client);
  Drain();
  for (int i = 0; i < 4; ++i) {
    held_.Await(i + 1);
    if (held_.count() <= i) break;
    held_.Give(i, std::to_string(i));
  }
  EXPECT_EQ(WithoutDates(client.ReceiveAll()),
            Ok("0") + Ok("1") + Ok("2") + LastOk("3"));
}

TEST_F(HttpStopTest, RequestsOfOneSegmentAreAllAnswered) {
  StartAll();
  LoopbackClient client = Connect();
  client.Send("GET /");  // owes an answer, so that the drain waits for it
  AwaitRead(client);
  Drain();
  client.Send(Request("GET /").substr(5) + Post("/echo", "1") +
              Post("/echo", "2"));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()),
            Ok("hello") + Ok("1") + LastOk("2"));
}

TEST_F(HttpStopTest, ADrainWaitsForTheRestOfABody) {
  StartAll();
  LoopbackClient upload = Connect();
  LoopbackClient echo = Connect();
  upload.Send(Request("POST /upload", "Content-Length: 8\r\n") + "half");
  echo.Send(Request("POST /echo", "Content-Length: 8\r\n") + "half");
  events_.Await(1);
  AwaitRead(echo);
  Drain();
  upload.Send("half");
  echo.Send("half");
  EXPECT_EQ(WithoutDates(upload.ReceiveAll()), LastOk("uploaded"));
  EXPECT_EQ(WithoutDates(echo.ReceiveAll()), LastOk("halfhalf"));
  EXPECT_EQ(aborted_, 0);
}

TEST_F(HttpStopTest, ADrainWaitsForStreamsThatHaveBegun) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later"));
  held_.Await(1);
  held_.Run(0, [](ResponseWriter* w) { w->Begin(HttpStatus::kOk); });
  Receive(client, true);
  Drain();
  for (int i = 0; i < 3; ++i) {
    held_.Run(0, [](ResponseWriter* w) { w->Write("piece"); });
    EXPECT_EQ(client.Receive(10), "5\r\npiece\r\n");
  }
  held_.Run(0, [](ResponseWriter* w) { w->End(); });
  EXPECT_EQ(client.ReceiveAll(), "0\r\n\r\n");
}

// --- An end. -----------------------------------------------------------------

TEST_F(HttpStopTest, WithEverythingInFlightItCanBeDestroyed) {
  tcp_options_.threads = 2;
  StartAll();
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 4; ++i) {
    LoopbackClient& deferred = clients.emplace_back(Connect());
    deferred.Send(Request("GET /later") + Request("GET /endless") +
                  Request("GET /"));
    LoopbackClient& endless = clients.emplace_back(Connect());
    endless.Send(Request("GET /endless"));
    LoopbackClient& upload = clients.emplace_back(Connect());
    upload.Send(Request("POST /upload", "Content-Length: 40\r\n") + "part");
    LoopbackClient& buffered = clients.emplace_back(Connect());
    buffered.Send(Request("POST /echo", "Content-Length: 40\r\n") + "part");
    LoopbackClient& head = clients.emplace_back(Connect());
    head.Send("GET / HT");
    clients.emplace_back(Connect());
  }
  held_.Await(4);
  events_.Await(12);
  server_.reset();  // by this thread, which is none of its own
  EXPECT_EQ(aborted_, 4);
  for (LoopbackClient& client : clients) {
    EXPECT_NE(client.AwaitEnd(), End::kStuck);
  }
  EXPECT_FALSE(held_.Give(0, "too late"));
  held_.Drop(1);
  held_.Run(2, [](ResponseWriter* w) { EXPECT_EQ(w, nullptr); });
}

TEST_F(HttpStopTest, WhileOthersAnswerItCanBeDestroyed) {
  tcp_options_.threads = 2;
  StartAll();
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(Connect());
    for (int j = 0; j < 10; ++j) clients.back().Send(Request("GET /later"));
  }
  held_.Await(100);
  std::latch go(1);
  Thread answerer = NewThread("answerer", [&] {
    go.wait();
    for (int i = 0; i < 100; ++i) {
      if (i % 3 == 0) {
        held_.Drop(i);
      } else {
        held_.Give(i, "an answer");
      }
    }
  });
  go.count_down();
  server_.reset();
  answerer.Join();
  for (LoopbackClient& client : clients) {
    EXPECT_NE(client.AwaitEnd(), End::kStuck);
  }
}

TEST_F(HttpStopTest, AHandlerMayStopTheServer) {
  On("GET", "/stop", [this](const HttpRequest&, ResponseWriter& writer) {
    server_->tcp().Drain(kForEver, [this](StopReport) { events_.Add(); });
    writer.Send("stopping");
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /stop"));
  EXPECT_THAT(StatusLines(client.ReceiveAll()), ElementsAre("200 OK"));
  events_.Await(1);
}

}  // namespace
}  // namespace rondo
