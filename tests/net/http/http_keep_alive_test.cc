// When a connection goes on after an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using End = LoopbackClient::End;

class HttpKeepAliveTest : public HttpServerFixture {};

struct KeepAliveCase {
  const char* name;
  const char* version;
  const char* fields;
  bool kept;
};

// RFC 9112 §9.3.
constexpr KeepAliveCase kCases[] = {
    {"1.1 says nothing", "HTTP/1.1", "", true},
    {"1.1 keep-alive", "HTTP/1.1", "Connection: keep-alive\r\n", true},
    {"1.1 close", "HTTP/1.1", "Connection: close\r\n", false},
    {"1.1 case does not matter", "HTTP/1.1", "CONNECTION: Close\r\n", false},
    {"1.1 close goes first", "HTTP/1.1", "Connection: keep-alive, close\r\n",
     false},
    {"1.1 close in a second field", "HTTP/1.1",
     "Connection: keep-alive\r\nConnection: close\r\n", false},
    {"1.1 another option", "HTTP/1.1", "Connection: te\r\nTE: trailers\r\n",
     true},
    {"1.1 part of a word", "HTTP/1.1", "Connection: closed\r\n", true},
    {"1.0 says nothing", "HTTP/1.0", "", false},
    {"1.0 keep-alive", "HTTP/1.0", "Connection: Keep-Alive\r\n", true},
    {"1.0 close", "HTTP/1.0", "Connection: close\r\n", false},
    {"1.0 both", "HTTP/1.0", "Connection: close, keep-alive\r\n", false},
};

TEST_F(HttpKeepAliveTest, GoesByVersionAndHeader) {
  Start();
  for (const KeepAliveCase& c : kCases) {
    SCOPED_TRACE(c.name);
    LoopbackClient client = Connect();
    client.Send(std::string("GET / ") + c.version + "\r\nHost: h\r\n" +
                c.fields + "\r\n");
    const std::string answer = Receive(client);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    if (!c.kept) {
      EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
      EXPECT_EQ(client.AwaitEnd(), End::kFin);
      continue;
    }
    const bool says_so =
        answer.find("\r\nConnection: keep-alive\r\n") != std::string::npos;
    EXPECT_EQ(says_so, std::string_view(c.version) == "HTTP/1.0");
    client.Send(LastRequest());
    EXPECT_EQ(client.ReceiveAll().substr(0, 15), "HTTP/1.1 200 OK");
  }
}

TEST_F(HttpKeepAliveTest, AHandlerMayEndTheConnection) {
  On("GET", "/bye", [](const HttpRequest&, ResponseWriter& writer) {
    writer.CloseAfter();
    writer.Send("bye");
  }).Start();
  EXPECT_EQ(Ask(Request("GET /bye") + Request("GET /")), LastOk("bye"));
}

TEST_F(HttpKeepAliveTest, WhatFollowsCloseIsNotHandledRfc9112_9_6) {
  On("POST", "/count", [this](const HttpRequest&, ResponseWriter& writer) {
    events_.Add();
    writer.Send("counted");
  }).Start();
  EXPECT_EQ(Ask(Post("/count", "x", kClose) + Post("/count", "y")),
            LastOk("counted"));
  LoopbackClient client = Connect();
  client.Send(Post("/count", "x", kClose));
  Receive(client);
  client.Send(Post("/count", "y"));  // a later segment
  EXPECT_NE(client.AwaitEnd(), End::kStuck);
  EXPECT_EQ(events_.count(), 2);
}

TEST_F(HttpKeepAliveTest, WhatFollowsAHeldLastRequestIsNotHandled) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later", kClose) + Request("GET /later"));
  held_.Await(1);
  client.Send(Request("GET /later"));
  AwaitRead(client);
  EXPECT_EQ(held_.count(), 1);
  held_.Give(0, "late");
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("late"));
}

// It is said while others have been begun: they are not answered any more.
TEST_F(HttpKeepAliveTest, AfterAnAnswerWithCloseHasBegunNothingIsHandled) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /later"));
  held_.Await(2);
  held_.Run(0, [](ResponseWriter* w) {
    w->CloseAfter();
    w->Begin(HttpStatus::kOk, kTextType, 0);
  });
  EXPECT_EQ(Receive(client), LastOk(""));
  client.Send(Request("GET /later"));
  AwaitRead(client);
  EXPECT_EQ(held_.count(), 2);
  held_.Run(0, [](ResponseWriter* w) { w->End(); });
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(HttpKeepAliveTest, AFinBehindARequestDoesNotKeepItFromItsAnswer) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient at_once = Connect();
  at_once.Send(Request("GET /"));
  at_once.ShutdownWrite();
  EXPECT_THAT(StatusLines(at_once.ReceiveAll()), ElementsAre("200 OK"));

  LoopbackClient later = Connect();
  later.Send(Request("GET /later") + Request("GET /later"));
  later.ShutdownWrite();
  held_.Await(2);
  AwaitRead(later);
  held_.Give(1, "2");
  held_.Give(0, "1");
  EXPECT_EQ(WithoutDates(later.ReceiveAll()), Ok("1") + Ok("2"));
}

TEST_F(HttpKeepAliveTest, AFinWithinAHeadIsNotAnswered) {
  Start();
  LoopbackClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nHost");
  client.ShutdownWrite();
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(HttpKeepAliveTest, EmptyLinesBetweenRequestsAreIgnoredRfc9112_2_2) {
  Start();
  EXPECT_EQ(Ask("\r\n" + Request("GET /") + "\r\n" + LastRequest()),
            Ok("hello") + LastOk("hello"));
}

TEST_F(HttpKeepAliveTest, ManyRequestsOnOneConnection) {
  Start();
  LoopbackClient client = Connect();
  for (int i = 0; i < 500; ++i) {
    client.Send(Request("GET /"));
    ASSERT_EQ(Receive(client), Ok("hello"));
  }
  EXPECT_EQ(server_->tcp().opened_connections(), 1u);
}

}  // namespace
}  // namespace rondo
