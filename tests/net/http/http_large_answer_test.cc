// Answers that are given at once, and too large to leave at once: what comes
// after them changes nothing.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "net/http/body_reader.h"
#include "net/http/http_response.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

class HttpLargeAnswerTest : public HttpServerFixture,
                            public ::testing::WithParamInterface<size_t> {
 protected:
  ~HttpLargeAnswerTest() override { Stop(); }

  // A text in which no part can stand for another.
  static std::string Large() {
    std::string text;
    text.reserve(GetParam());
    while (text.size() < GetParam()) text += std::to_string(text.size()) + ' ';
    text.resize(GetParam());
    return text;
  }
  const std::string large_ = Large();
};

// More than is sent at once, and more than the high water mark.
INSTANTIATE_TEST_SUITE_P(Sizes, HttpLargeAnswerTest,
                         ::testing::Values(300'000, 3'000'000));

TEST_P(HttpLargeAnswerTest, IsWholeWhateverIsSaidAfterIt) {
  On("GET", "/throw", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Send(large_);
    throw std::runtime_error("too late");
  });
  On("GET", "/write", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Send({.body = large_});
    writer.Write("x");
    writer.End();
    writer.Send("again");
  }).Start();
  EXPECT_TRUE(Ask(Request("GET /write") + LastRequest()) ==
              Ok(large_) + LastOk("hello"));
  EXPECT_TRUE(Ask(LastRequest("GET /throw")) == LastOk(large_));
}

TEST_P(HttpLargeAnswerTest, WaitsForItsTurnWhole) {
  On("GET", "/later", held_.Handler());
  On("GET", "/large", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Send(large_);
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /large") + LastRequest());
  held_.Await(1);
  AwaitRead(client);
  held_.Give(0, "first");
  EXPECT_TRUE(WithoutDates(client.ReceiveAll()) ==
              Ok("first") + Ok(large_) + LastOk("hello"));
}

TEST_P(HttpLargeAnswerTest, ComesFromAnotherThread) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + LastRequest("GET /later"));
  held_.Await(2);
  held_.Give(1, large_);
  held_.Give(0, large_);
  EXPECT_TRUE(WithoutDates(client.ReceiveAll()) == Ok(large_) + LastOk(large_));
}

// Once there is an answer, nobody reads the rest: what is wrong with it does
// not matter.
TEST_P(HttpLargeAnswerTest, IsWholeWhateverBecomesOfTheRequestsBody) {
  OnStream("/s", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody({.on_data =
                         [this](ResponseWriter& w, std::string_view) {
                           events_.Add();
                           w.Send(large_);
                         },
                     .on_abort = [this] { events_.Add(); }});
  }).Start();
  const std::string head = Request("POST /s", "Transfer-Encoding: chunked\r\n");
  for (const std::string_view rest :
       {"3\r\ndef\r\n0\r\n\r\n", "malformed", ""}) {
    LoopbackClient client = Connect();
    client.Send(head + "3\r\nabc\r\n" + std::string(rest));
    if (rest.empty()) client.ShutdownWrite();
    EXPECT_TRUE(WithoutDates(client.ReceiveAll()) == LastOk(large_)) << rest;
    events_.Await(2);  // data once, and the abort
  }
  EXPECT_EQ(events_.count(), 6);
}

TEST_P(HttpLargeAnswerTest, ToHeadIsItsHead) {
  On("GET", "/large", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.Send(large_);
  }).Start();
  const std::string answer = Ok(large_);
  EXPECT_EQ(Ask(Request("HEAD /large") + LastRequest()),
            answer.substr(0, answer.size() - large_.size()) + LastOk("hello"));
}

// --- With tight limits of the output: the server keeps to them. --------------

struct Marks {
  size_t low;
  size_t high;
  size_t max;
};

class HttpTightOutputTest : public HttpServerFixture,
                            public ::testing::WithParamInterface<Marks> {};

INSTANTIATE_TEST_SUITE_P(Marks, HttpTightOutputTest,
                         ::testing::Values(Marks{65'536, 65'536, 65'536},
                                           Marks{0, 0, 70'000},
                                           Marks{1'000, 65'000, 66'000}));

TEST_P(HttpTightOutputTest, ALargeAnswerIsWholeForWhoReadsLate) {
  tcp_options_.limits.low_water_mark_bytes = GetParam().low;
  tcp_options_.limits.high_water_mark_bytes = GetParam().high;
  tcp_options_.limits.max_output_bytes = GetParam().max;
  const std::string large(32 << 20, 'x');  // more than the kernel keeps
  On("GET", "/large", Says(large)).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /large") + LastRequest());
  AwaitRead(client);
  EXPECT_TRUE(WithoutDates(client.ReceiveAll()) == Ok(large) + LastOk("hello"));
}

}  // namespace
}  // namespace rondo
