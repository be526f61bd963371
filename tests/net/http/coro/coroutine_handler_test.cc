// Requests that coroutines answer, on a real server.
#include "net/http/coro/coroutine_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/net/reactor/warnings.h"

namespace rondo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kChunkedHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

class CoroutineHandlerTest : public CoroutineServerFixture {};

// Another turn of the loop.
SleepAwaiter ATurn() { return SleepFor(absl::ZeroDuration()); }

// --- Whole answers. ----------------------------------------------------------

Task<> Hello(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  response.Send("hello");
  co_return;
}

Task<> HelloLater(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  EXPECT_TRUE(co_await ATurn());
  EXPECT_TRUE(response.AddField("X", "y"));
  response.Send("hello");
}

TEST_F(CoroutineHandlerTest, AnswersAtOnce) {
  Serve(Hello);
  EXPECT_EQ(Answers(Get() + Get()), Ok("hello") + Ok("hello"));
}

TEST_F(CoroutineHandlerTest, AnswersLater) {
  Serve(HelloLater);
  EXPECT_THAT(Answers(Get()), HasSubstr("X: y\r\n"));
}

TEST_F(CoroutineHandlerTest, AnswersHeadWithoutBody) {
  Serve(HelloLater);
  const std::string answer = Answers(Request("HEAD", "/", ""));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

// Everything that a request has, after the bytes of it have gone.
TEST_F(CoroutineHandlerTest, TheRequestOutlivesItsBytes) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await ATurn());
    std::string text(request.method());
    text.append(" ").append(request.path()).append("?").append(request.query());
    text.append(" ").append(*request.parameter("path"));
    text.append(" ").append(request.host());
    text.append(" ").append(*request.Find("x"));
    text.append(" ").append(request.body());
    response.Send(text);
  };
  Serve(kHandler);
  EXPECT_EQ(Answers("PUT /a%20b/c?d=e HTTP/1.1\r\nHost: h:80\r\nX: y z \r\n"
                    "Content-Length: 4\r\n\r\nbodyGET /?q HTTP/1.1\r\nHost: i"
                    "\r\nX: w\r\n\r\n"),
            Ok("PUT /a%20b/c?d=e a b/c h:80 y z body") + Ok("GET /?q  i w "));
}

TEST_F(CoroutineHandlerTest, AnswersLeaveInTheOrderOfTheRequests) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const std::string_view path = *request.parameter("path");
    if (path == "slow") {
      EXPECT_TRUE(co_await shared->gate.Wait());
    } else {
      shared->gate.Set();
    }
    response.Send(path);
  };
  Serve(kHandler);
  EXPECT_EQ(Answers(Get("/slow") + Get("/fast")), Ok("slow") + Ok("fast"));
}

// A body is copied for its task, to where the connection's limits do not see
// it.
TEST_F(CoroutineHandlerTest, BehindMuchThatIsKeptNoOtherRequestIsBegun) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    EXPECT_TRUE(co_await shared->gate.Wait());
    response.Send(std::to_string(request.body().size()));
  };
  Serve(kHandler, /*threads=*/1, {.max_waiting_answer_bytes = 1'000});
  std::string requests;
  std::string answers;
  for (int i = 0; i < 16; ++i) {
    requests += Post("/", std::string(600, 'x'));
    answers += Ok("600");
  }
  LoopbackClient client = Connect();
  client.Send(requests);
  client.ShutdownWrite();
  shared_.begun.Await(2);
  AwaitTurns();
  EXPECT_EQ(shared_.begun.count(), 2);
  OpenGate();
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), answers);
}

// A task that has ended keeps nothing, though its answer waits for others.
TEST_F(CoroutineHandlerTest, WhatIsNotKeptAnyMoreHoldsUpNobody) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    if (request.path() == "/first") {
      EXPECT_TRUE(co_await shared->gate.Wait());
    }
    response.Send("x");
  };
  Serve(kHandler, /*threads=*/1, {.max_waiting_answer_bytes = 1'000});
  LoopbackClient client = Connect();
  client.Send(Get("/first") + Post("/", std::string(2'000, 'x')) + Get());
  client.ShutdownWrite();
  shared_.begun.Await(3);
  OpenGate();
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("x") + Ok("x") + Ok("x"));
}

// It ends when nothing else happens on the connection.
TEST_F(CoroutineHandlerTest, ATaskThatEndsBehindAnotherMakesRoom) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    if (request.path() == "/first") {
      EXPECT_TRUE(co_await shared->gate.Wait());
    } else {
      EXPECT_TRUE(co_await ATurn());
    }
    response.Send("x");
  };
  Serve(kHandler, /*threads=*/1, {.max_waiting_answer_bytes = 1'000});
  LoopbackClient client = Connect();
  client.Send(Get("/first") + Post("/", std::string(2'000, 'x')) + Get());
  shared_.begun.Await(3);
  OpenGate();
  client.ShutdownWrite();
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("x") + Ok("x") + Ok("x"));
}

TEST_F(CoroutineHandlerTest, AClientThatHasHalfClosedIsAnswered) {
  Serve(HelloLater);
  EXPECT_THAT(Answers(Get()), StartsWith("HTTP/1.1 200"));
}

// --- Who does not answer. ----------------------------------------------------

TEST_F(CoroutineHandlerTest, NoAnswerIs500) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse&) -> Task<> {
    const Frame frame;
    if (request.path() == "/later") (void)co_await ATurn();
  };
  Warnings warnings;
  Serve(kHandler);
  for (const char* path : {"/now", "/later"}) {
    EXPECT_THAT(Answers(Get(path) + Get(path)),
                StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    server_->loops().front()->RunAndWait([] {});
    const auto lines = Complaints(warnings);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0],
              "HTTP: the task of  /{path...} has not given its answer");
  }
}

TEST_F(CoroutineHandlerTest, AnExceptionIs500) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse&) -> Task<> {
    const Frame frame;
    if (request.path() == "/later") (void)co_await ATurn();
    throw std::runtime_error("as it was told");
  };
  Warnings warnings;
  Serve(kHandler);
  for (const char* path : {"/now", "/later"}) {
    EXPECT_THAT(Answers(Get(path)), StartsWith("HTTP/1.1 500"));
    AwaitTurns();
    EXPECT_THAT(Complaints(warnings), ElementsAre(HasSubstr("as it was told")));
  }
}

TEST_F(CoroutineHandlerTest, AnExceptionInTheMiddleOfAnAnswerShows) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Begin(HttpStatus::kOk);
    EXPECT_TRUE((co_await response.Write("some")).ok());
    EXPECT_TRUE(co_await shared->gate.Wait());
    throw std::runtime_error("as it was told");
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get());
  EXPECT_EQ(ReceiveHead(client), kChunkedHead);
  EXPECT_EQ(client.Receive(9), "4\r\nsome\r\n");
  OpenGate();
  EXPECT_EQ(client.ReceiveAll(), "");  // without the last chunk
}

TEST_F(CoroutineHandlerTest, AReturnInTheMiddleOfAnAnswerShows) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Begin(HttpStatus::kOk);
    EXPECT_TRUE((co_await response.Write("some")).ok());
    EXPECT_TRUE(co_await shared->gate.Wait());
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get());
  ReceiveHead(client);
  EXPECT_EQ(client.Receive(9), "4\r\nsome\r\n");
  OpenGate();
  EXPECT_EQ(client.ReceiveAll(), "");  // without the last chunk
}

TEST_F(CoroutineHandlerTest, ASecondAnswerIsLoggedAndDoesNothing) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Send("first");
    response.Send("second");
    EXPECT_TRUE(co_await ATurn());
    response.SendError(HttpStatus::kNotFound, "third");
  };
  Warnings warnings;
  Serve(kHandler);
  EXPECT_EQ(Answers(Get()), Ok("first"));
  shared_.gone.Await(1);
  AwaitTurns();
  EXPECT_EQ(Complaints(warnings).size(), 2u);
}

}  // namespace
}  // namespace rondo
