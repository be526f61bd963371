// Clients that wait to be told to go on, RFC 9110 §10.1.1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/http/body_reader.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kExpect =
    "Content-Length: 4\r\nExpect: 100-continue\r\n";
constexpr std::string_view kExpectChunked =
    "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n";

class HttpContinueTest : public HttpServerFixture {
 protected:
  // Says what has come when it has.
  static void Read(ResponseWriter& writer) {
    auto all = std::make_shared<std::string>();
    writer.ReadBody({.on_data = [all](ResponseWriter&,
                                      std::string_view data) { *all += data; },
                     .on_end = [all](ResponseWriter& w,
                                     const HttpTrailers&) { w.Send(*all); }});
  }
  static void ReadStream(const HttpRequest&, ResponseWriter& writer) {
    Read(writer);
  }
};

TEST_F(HttpContinueTest, WhoWaitsIsToldToGoOn) {
  OnStream("/stream", ReadStream).Start();
  LoopbackClient client = Connect();
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    SCOPED_TRACE(line);
    client.Send(Request(line, kExpect));
    EXPECT_EQ(Receive(client), kContinue);
    client.Send("bo");
    AwaitRead(client);
    EXPECT_TRUE(HasNothing(client));
    client.Send("dy");
    EXPECT_EQ(Receive(client), Ok("body"));
    client.Send(Request(line, kExpectChunked));
    EXPECT_EQ(Receive(client), kContinue);
    client.Send("4\r\nbody\r\n0\r\n\r\n");
    EXPECT_EQ(Receive(client), Ok("body"));
  }
}

TEST_F(HttpContinueTest, ABodyThatIsThereNeedsNoWord) {
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /echo", kExpect) + "body");
  EXPECT_EQ(Receive(client), Ok("body"));
}

TEST_F(HttpContinueTest, ARequestWithoutBodyNeedsNone) {
  Start();
  EXPECT_EQ(Ask(Request("GET /",
                        "Expect: 100-continue\r\n"
                        "Connection: close\r\n")),
            LastOk("hello"));
}

TEST_F(HttpContinueTest, Http10IsNotToldAnything) {
  Start();
  LoopbackClient client = Connect();
  client.Send(
      "POST /echo HTTP/1.0\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  AwaitRead(client);
  EXPECT_TRUE(HasNothing(client));
  client.Send("body");
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("body"));
}

TEST_F(HttpContinueTest, AnotherExpectationIs417) {
  Start();
  EXPECT_THAT(Ask(Request("POST /echo",
                          "Content-Length: 4\r\n"
                          "Expect: miracles\r\n")),
              AllOf(StartsWith("HTTP/1.1 417 Expectation Failed\r\n"),
                    HasSubstr(kClose)));
}

// Each is refused without 100, and the connection ends, as nobody can know
// whether the body follows.
TEST_F(HttpContinueTest, WhoIsRefusedIsNotToldToGoOn) {
  OnStream("/forbidden", [](const HttpRequest&, ResponseWriter& writer) {
    writer.SendError(HttpStatus::kForbidden, "not you");
  });
  On("POST", "/small", EchoBody, {.max_body_bytes = 3}).Start();
  const std::pair<std::string, std::string> cases[] = {
      {"POST /none", "404"},
      {"POST /", "405"},
      {"POST /small", "413"},
      {"POST /forbidden", "403"},
  };
  for (const auto& [line, status] : cases) {
    EXPECT_THAT(Ask(Request(line, kExpect)),
                AllOf(StartsWith("HTTP/1.1 " + status), HasSubstr(kClose)));
  }
}

TEST_F(HttpContinueTest, WhoDoesNotWaitToBeToldIsRefusedAllTheSame) {
  Start();
  EXPECT_THAT(Ask(Request("POST /none", kExpect) + "body" + Request("GET /")),
              StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpContinueTest, TheWordWaitsForTheAnswersBeforeIt) {
  On("GET", "/later", held_.Handler()).OnStream("/stream", ReadStream).Start();
  int given = 0;
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    SCOPED_TRACE(line);
    LoopbackClient client = Connect();
    client.Send(Request("GET /later") + Request(line, kExpect));
    held_.Await(given + 1);
    AwaitRead(client);
    EXPECT_TRUE(HasNothing(client));
    held_.Give(given++, "first");
    EXPECT_EQ(Receive(client), Ok("first"));
    EXPECT_EQ(Receive(client), kContinue);
    client.Send("body");
    EXPECT_EQ(Receive(client), Ok("body"));
  }
}

TEST_F(HttpContinueTest, ABodyThatComesWhileTheWordWaitsIsTaken) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("POST /echo", kExpect));
  held_.Await(1);
  AwaitRead(client);
  client.Send("body" + LastRequest());
  AwaitRead(client);
  held_.Give(0, "first");
  const std::string answers = WithoutDates(client.ReceiveAll());
  const std::string rest = Ok("body") + LastOk("hello");
  EXPECT_THAT(answers,
              ::testing::AnyOf(Ok("first") + rest,
                               Ok("first") + std::string(kContinue) + rest));
}

TEST_F(HttpContinueTest, AStreamThatIsReadLaterIsToldThen) {
  OnStream("/stream", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /stream", kExpect));
  held_.Await(1);
  AwaitTurns();
  EXPECT_TRUE(HasNothing(client));
  held_.Run(0, [](ResponseWriter* writer) { Read(*writer); });
  EXPECT_EQ(Receive(client), kContinue);
  client.Send("body");
  EXPECT_EQ(Receive(client), Ok("body"));
}

}  // namespace
}  // namespace rondo
