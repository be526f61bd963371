// How the tasks of requests end whose connection or server ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/http/coro/coroutine_handler.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/net/reactor/warnings.h"

namespace rondo {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;
using End = LoopbackClient::End;

class CoroutineHandlerEndTest : public CoroutineServerFixture {};

// --- Connections that close. -------------------------------------------------

Task<> SleepForEver(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  const bool slept = co_await SleepFor(absl::InfiniteDuration());
  EXPECT_FALSE(slept);
  response.Send("nobody hears it");
  response.Begin(HttpStatus::kOk);
  EXPECT_TRUE(absl::IsCancelled(co_await response.Write("nor this")));
  CoroutineServerFixture::shared->stopped.Add();
}

TEST_F(CoroutineHandlerEndTest, AResetStopsATaskThatWaitsForSomethingElse) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  client.Send(Get());
  shared_.begun.Await(1);
  client.Reset();
  shared_.stopped.Await(1);
  shared_.gone.Await(1);
}

TEST_F(CoroutineHandlerEndTest, AResetStopsATaskBehindABodyThatItDoesNotRead) {
  Serve(SleepForEver);
  LoopbackClient client = Connect();
  client.Send(Post("/stream/x", "body"));
  shared_.begun.Await(1);
  AwaitTurns();
  client.Reset();
  shared_.stopped.Await(1);
}

TEST_F(CoroutineHandlerEndTest, ATaskThatHasAnsweredGoesOn) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Send("answer");
    EXPECT_TRUE(co_await shared->gate.Wait());
    EXPECT_EQ(request.host(), "a");
    EXPECT_TRUE((co_await request.Read()).ok());  // there was none
    shared->resumed.Add();
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get());
  EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(client.Receive(6), "answer");
  client.Reset();
  AwaitTrue([&] { return server_->open_connections() == 0; });
  AwaitTurns();
  OpenGate();
  shared_.resumed.Await(1);
}

// An answer without a body is complete before its task says so.
TEST_F(CoroutineHandlerEndTest, ATaskThatHasBegunABodilessAnswerGoesOn) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    if (request.path() == "/later") {
      EXPECT_TRUE(co_await SleepFor(absl::ZeroDuration()));
    }
    const bool is_head = request.method() == "HEAD";
    response.Begin(is_head ? HttpStatus::kOk : HttpStatus::kNoContent);
    EXPECT_TRUE(absl::IsUnavailable(co_await response.Write("not heard")));
    response.End();
    EXPECT_TRUE(co_await shared->gate.Wait());
    shared->resumed.Add();
  };
  Warnings warnings;
  Serve(kHandler);
  LoopbackClient client = Connect();
  for (const char* path : {"/now", "/later"}) {
    client.Send(Request("HEAD", path, "") + Get(path));
    EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 204"));
  }
  AwaitTurns();
  OpenGate();
  shared_.gone.Await(4);
  AwaitTurns();
  EXPECT_EQ(shared_.resumed.count(), 4);
  EXPECT_THAT(Complaints(warnings), IsEmpty());
}

// What a read gave, of a body that breaks off in some way.
Task<> ReadToTheEnd(AsyncRequest& request, AsyncResponse&) {
  const CoroutineServerFixture::Frame frame;
  while (true) {
    const auto piece = co_await request.Read();
    if (piece.ok() && !piece->empty()) {
      CoroutineServerFixture::shared->resumed.Add();
      continue;
    }
    EXPECT_TRUE(absl::IsAborted(piece.status())) << piece.status();
    const auto again = co_await request.Read();
    EXPECT_TRUE(absl::IsCancelled(again.status())) << again.status();
    CoroutineServerFixture::shared->stopped.Add();
    co_return;
  }
}

TEST_F(CoroutineHandlerEndTest, AResetEndsARead) {
  Serve(ReadToTheEnd);
  LoopbackClient client = Connect();
  client.Send(Request("POST", "/stream/x", "Content-Length: 4\r\n") + "b");
  shared_.begun.Await(1);
  client.Reset();
  shared_.stopped.Await(1);
}

TEST_F(CoroutineHandlerEndTest, AMalformedBodyEndsARead) {
  Serve(ReadToTheEnd);
  LoopbackClient client = Connect();
  client.Send(Request("POST", "/stream/x", "Transfer-Encoding: chunked\r\n") +
              "4\r\nbody\r\n");
  shared_.resumed.Await(1);
  client.Send("none\r\n");
  EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 400"));
  shared_.stopped.Await(1);
}

TEST_F(CoroutineHandlerEndTest, ATooSlowBodyEndsARead) {
  Serve(ReadToTheEnd, /*threads=*/1,
        {.body_timeout = absl::Milliseconds(1),
         .min_body_bytes_per_second = 1'000'000'000});
  LoopbackClient client = Connect();
  client.Send(Request("POST", "/stream/x", "Content-Length: 4\r\n"));
  EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 408"));
  shared_.stopped.Await(1);
}

Task<> WriteWithoutEnd(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  const std::string piece(100'000, 'x');
  response.Begin(HttpStatus::kOk);
  absl::Status status;
  while (status.ok()) {
    status = co_await response.Write(piece);
    CoroutineServerFixture::shared->resumed.Add();
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  CoroutineServerFixture::shared->stopped.Add();
}

TEST_F(CoroutineHandlerEndTest, AResetEndsAWrite) {
  Serve(WriteWithoutEnd);
  LoopbackClient client = Connect();
  client.Send(Get());
  shared_.begun.Await(1);
  for (int before = -1; before != shared_.resumed.count();) {
    before = shared_.resumed.count();
    for (int i = 0; i < 10; ++i) AwaitTurns();
  }
  client.Reset();
  shared_.stopped.Await(1);
}

// --- Servers that stop. ------------------------------------------------------

// In each place where a task may be when its server goes.
Task<> Anywhere(AsyncRequest& request, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  const std::string_view where = *request.parameter("name");
  if (where == "sleep") {
    (void)co_await SleepFor(absl::InfiniteDuration());
  } else if (where == "read") {
    (void)co_await request.Read();
  } else if (where == "paused") {
    EXPECT_EQ(*co_await request.Read(), "b");
    (void)co_await SleepFor(absl::InfiniteDuration());
  } else if (where == "write") {
    const std::string piece(100'000, 'x');
    response.Begin(HttpStatus::kOk);
    bool written = true;
    while (written) written = (co_await response.Write(piece)).ok();
  } else {
    response.Send("answered");
    (void)co_await SleepFor(absl::InfiniteDuration());
  }
  CoroutineServerFixture::shared->resumed.Add();
}

std::vector<std::string> Everywhere() {
  const std::string head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
  std::vector<std::string> requests;
  for (const char* where : {"sleep", "read", "write", "answered"}) {
    requests.push_back(std::string("POST /stream/") + where + head);
  }
  requests.push_back("POST /stream/paused" + head + "b");
  return requests;
}

TEST_F(CoroutineHandlerEndTest, AServerThatGoesDestroysItsTasks) {
  Warnings warnings;
  for (const int threads : {0, 1, 2}) {
    Serve(Anywhere, threads);
    std::vector<LoopbackClient> clients;
    for (const std::string& request : Everywhere()) {
      clients.push_back(Connect());
      clients.back().Send(request);
      const int count = static_cast<int>(clients.size());
      shared_.begun.Await(shared_.gone.count() + count);
    }
    AwaitTurns();
    server_.reset();
    EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
  }
  EXPECT_EQ(shared_.resumed.count(), 0);
  EXPECT_THAT(Complaints(warnings), IsEmpty());
}

TEST_F(CoroutineHandlerEndTest, ALoopThatEndsDestroysItsTasks) {
  Serve(Anywhere, /*threads=*/0);
  std::vector<LoopbackClient> clients;
  for (const std::string& request : Everywhere()) {
    clients.push_back(Connect());
    clients.back().Send(request);
  }
  shared_.begun.Await(5);
  AwaitTurns();
  acceptor_loop()->Stop();
  shared_.gone.Await(5);
  EXPECT_EQ(shared_.resumed.count(), 0);
}

Task<> StopServer(AsyncRequest& request, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  const std::string_view where = *request.parameter("name");
  if (where == "later") {
    (void)co_await SleepFor(absl::ZeroDuration());
  } else if (where == "read") {
    (void)co_await request.Read();
  }
  CoroutineServerFixture::shared->server.load()->Stop();
  response.Begin(HttpStatus::kOk);
  (void)co_await response.Write("not sent");
  (void)co_await request.Read();
  (void)co_await SleepFor(absl::ZeroDuration());
  CoroutineServerFixture::shared->resumed.Add();
}

TEST_F(CoroutineHandlerEndTest, ATaskMayStopItsOwnServer) {
  for (const int threads : {0, 1}) {
    for (const char* where : {"now", "later", "read"}) {
      Serve(StopServer, threads);
      LoopbackClient other = Connect();
      other.Send("GET");
      AwaitTrue([&] { return server_->open_connections() == 1; });
      LoopbackClient client = Connect();
      client.Send(Post(std::string("/stream/") + where, "body"));
      EXPECT_NE(client.AwaitEnd(), End::kStuck);
      EXPECT_NE(other.AwaitEnd(), End::kStuck);
      server_.reset();
      EXPECT_EQ(shared_.begun.count(), shared_.gone.count());
    }
  }
  EXPECT_EQ(shared_.resumed.count(), 0);
}

TEST_F(CoroutineHandlerEndTest, ADrainWaitsForTasksThatOweAnAnswer) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    EXPECT_TRUE(co_await shared->gate.Wait());
    response.Send("answer");
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get());
  shared_.begun.Await(1);
  server_->Drain(absl::InfiniteDuration());
  AwaitTurns();
  EXPECT_EQ(shared_.gone.count(), 0);
  OpenGate();
  const std::string answer = client.ReceiveAll();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(answer.find("Connection: close\r\n") != std::string::npos);
}

}  // namespace
}  // namespace rondo
