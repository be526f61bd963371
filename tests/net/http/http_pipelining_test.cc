// Requests that do not wait for answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "net/http/http_limit.h"
#include "net/http/http_response.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

class HttpPipeliningTest : public HttpServerFixture {
 protected:
  // Sends until nothing more is taken; no more than `max_bytes`.
  static size_t SendUntilFull(LoopbackClient& client, std::string_view text,
                              size_t max_bytes) {
    size_t sent = 0;
    while (sent < max_bytes) {
      const size_t at = sent % text.size();
      const ssize_t n = send(client.fd().get(), text.data() + at,
                             text.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += n;
    }
    return sent;
  }
};

TEST_F(HttpPipeliningTest, AnswersComeInTheOrderOfTheRequestsRfc9112_9_3_2) {
  On("GET", "/n/{n}", [](const HttpRequest& request, ResponseWriter& writer) {
    writer.Send(*request.parameter("n"));
  }).Start();
  std::string requests;
  std::string answers;
  for (int i = 0; i < 100; ++i) {
    requests += Request("GET /n/" + std::to_string(i));
    answers += Ok(std::to_string(i));
  }
  EXPECT_EQ(Ask(requests + LastRequest()), answers + LastOk("hello"));
}

TEST_F(HttpPipeliningTest, AnswersGivenOutOfOrderLeaveInOrder) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /") + Request("GET /later") +
              Request("HEAD /none") + Request("GET /later"));
  held_.Await(3);
  held_.Give(2, "third");
  held_.Give(1, std::string(100'000, '2'));
  AwaitTurns();
  EXPECT_TRUE(HasNothing(client));
  held_.Give(0, "first");
  EXPECT_EQ(Receive(client), Ok("first"));
  EXPECT_EQ(Receive(client), Ok("hello"));
  EXPECT_TRUE(Receive(client) == Ok(std::string(100'000, '2')));
  EXPECT_THAT(StatusLines(Receive(client, true)), ElementsAre("404 Not Found"));
  EXPECT_EQ(Receive(client), Ok("third"));
}

TEST_F(HttpPipeliningTest, AStreamWaitsForItsTurn) {
  On("GET", "/later", held_.Handler());
  On("GET", "/stream", [](const HttpRequest&, ResponseWriter& writer) {
    writer.Begin(HttpStatus::kOk);
    writer.Write("one");
    writer.Write("two");
    EXPECT_TRUE(writer.AddField("X-Sum", "6"));
    writer.End();
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /stream") +
              Request("GET /"));
  held_.Await(1);
  AwaitRead(client);
  EXPECT_TRUE(HasNothing(client));
  held_.Give(0, "first");
  EXPECT_EQ(Receive(client), Ok("first"));
  EXPECT_EQ(Receive(client),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
            "3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 6\r\n\r\n");
  EXPECT_EQ(Receive(client), Ok("hello"));
}

TEST_F(HttpPipeliningTest, NotMoreThanTheLimitAreBeingAnswered) {
  options_.max_pipelined_requests = 2;
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  for (int i = 0; i < 5; ++i) client.Send(Request("GET /later"));
  held_.Await(2);
  AwaitRead(client);
  EXPECT_EQ(held_.count(), 2);
  EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kPipelinedRequests), 1u);
  held_.Give(0, "0");
  held_.Await(3);
  AwaitTurns();
  EXPECT_EQ(held_.count(), 3);
  for (int i = 1; i < 5; ++i) {
    held_.Await(i + 1);
    held_.Give(i, std::to_string(i));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Receive(client), Ok(std::to_string(i)));
}

TEST_F(HttpPipeliningTest, AtALimitOfOneEachWaits) {
  options_.max_pipelined_requests = 1;
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /") + Post("/echo", "body") +
              Request("GET /later") + LastRequest());
  held_.Await(1);
  held_.Give(0, "0");
  held_.Await(2);
  held_.Give(1, "1");
  EXPECT_EQ(WithoutDates(client.ReceiveAll()),
            Ok("0") + Ok("hello") + Ok("body") + Ok("1") + LastOk("hello"));
}

TEST_F(HttpPipeliningTest, TheNextOnesWaitInTheKernel) {
  constexpr size_t kEndless = 256 << 20;
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  const std::string request = Request("GET /later");
  const size_t sent = SendUntilFull(client, request, kEndless);
  EXPECT_LT(sent, kEndless);
  EXPECT_EQ(held_.count(), 16);  // HttpOptions' own limit
  // And they come in the end.
  ASSERT_GT(sent / request.size(), 40u);
  for (size_t i = 0; i < 40; ++i) {
    held_.Await(static_cast<int>(i + 1));
    ASSERT_TRUE(held_.Give(i, std::to_string(i)));
    ASSERT_EQ(Receive(client), Ok(std::to_string(i)));
  }
}

// However they are kept: as bytes, or to be sent part by part.
TEST_F(HttpPipeliningTest, WhenMuchWaitsForOneAnswerNoOtherIsBegun) {
  constexpr size_t kBytes = 300'000;
  options_.max_waiting_answer_bytes = kBytes - 1;
  On("GET", "/later", held_.Handler());
  On("GET", "/small", Says(std::string(kBytes / 3, 'x')));
  On("GET", "/large", Says(std::string(kBytes, 'x'))).Start();
  uint64_t met = 0;
  size_t given = 0;
  for (const std::string& much :
       {Request("GET /large"), Request("GET /small") + Request("GET /small") +
                                   Request("GET /small")}) {
    LoopbackClient client = Connect();
    client.Send(Request("GET /later") + much + Request("GET /later") +
                LastRequest());
    held_.Await(static_cast<int>(given + 1));
    AwaitRead(client);
    EXPECT_EQ(held_.count(), static_cast<int>(given + 1));
    EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kWaitingAnswerBytes),
              ++met);
    held_.Give(given++, "first");
    held_.Await(static_cast<int>(given + 1));
    held_.Give(given++, "last");
    EXPECT_THAT(WithoutDates(client.ReceiveAll()), EndsWith(LastOk("hello")));
  }
}

// Where the client does not read, what waits for its turn may have to wait on.
TEST_F(HttpPipeliningTest, APieceDoesNotOvertakeTheHeadThatWaits) {
  tcp_options_.limits.max_output_bytes = 64 << 20;
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + Request("GET /later") + LastRequest());
  held_.Await(2);
  const std::string much(16 << 20, 'x');
  held_.Run(1, [](ResponseWriter* w) { w->Begin(HttpStatus::kOk); });
  held_.Run(0, [&much](ResponseWriter* w) {
    w->Begin(HttpStatus::kOk, kTextType, much.size());
    w->Write(much);
    w->End();
  });
  held_.Run(1, [](ResponseWriter* w) {
    w->Write("x");
    w->End();
  });
  AwaitTurns();
  EXPECT_TRUE(Receive(client) == Ok(much));
  EXPECT_THAT(Receive(client), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

TEST_F(HttpPipeliningTest, WhoDoesNotReadAnswersIsNotReadEither) {
  constexpr size_t kEndless = 256 << 20;
  On("GET", "/much", Says(std::string(100'000, 'x'))).Start();
  LoopbackClient client = Connect();
  EXPECT_LT(SendUntilFull(client, Request("GET /much"), kEndless), kEndless);
  EXPECT_EQ(server_->tcp().closed_connections(CloseReason::kOutputLimit), 0u);
}

TEST_F(HttpPipeliningTest, BehindOneThatIsRefusedNothingIsRead) {
  On("GET", "/later", held_.Handler()).Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /later") + "bad\r\n\r\n" + Request("GET /later"));
  held_.Await(1);
  AwaitRead(client);
  EXPECT_TRUE(HasNothing(client));
  held_.Give(0, "good");
  EXPECT_THAT(StatusLines(client.ReceiveAll()),
              ElementsAre("200 OK", "400 Bad Request"));
  EXPECT_EQ(held_.count(), 1);
}

}  // namespace
}  // namespace rondo
