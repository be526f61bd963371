// Bodies that coroutines read and write, on a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "net/coro/sleep.h"
#include "net/coro/when_all.h"
#include "net/coro/with_timeout.h"
#include "net/http/coro/coroutine_handler.h"
#include "tests/net/http/coro/coroutine_server_fixture.h"
#include "tests/testing/memory_file.h"

namespace rondo {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kChunkedHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

class CoroutineHandlerBodyTest : public CoroutineServerFixture {};

// Another turn of the loop.
SleepAwaiter ATurn() { return SleepFor(absl::ZeroDuration()); }

// --- Bodies. -----------------------------------------------------------------

Task<> Echo(AsyncRequest& request, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  response.Begin(HttpStatus::kOk);
  while (true) {
    const auto piece = co_await request.Read();
    EXPECT_TRUE(piece.ok()) << piece.status();
    if (!piece.ok() || piece->empty()) break;
    const absl::Status written = co_await response.Write(*piece);
    if (!written.ok()) co_return;
  }
  response.End();
}

TEST_F(CoroutineHandlerBodyTest, StreamsABodyHoweverItIsSplit) {
  Serve(Echo);
  const std::string text = Post("/stream/x", "hello");
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    LoopbackClient client = Connect();
    client.Send(text.substr(0, cut));
    AwaitTurns();
    client.Send(text.substr(cut));
    EXPECT_EQ(ReceiveHead(client), kChunkedHead);
    client.ShutdownWrite();
    std::string body = client.ReceiveAll();
    EXPECT_TRUE(body.ends_with("0\r\n\r\n")) << body;
  }
}

TEST_F(CoroutineHandlerBodyTest, StreamsNoBody) {
  Serve(Echo);
  EXPECT_EQ(Answers(Get("/stream/x") + Post("/stream/x", "")),
            std::string(kChunkedHead) + "0\r\n\r\n" +
                std::string(kChunkedHead) + "0\r\n\r\n");
}

TEST_F(CoroutineHandlerBodyTest, ABufferedBodyIsOnePiece) {
  Serve(Echo);
  EXPECT_EQ(Answers(Post("/", "hello")),
            std::string(kChunkedHead) + "5\r\nhello\r\n0\r\n\r\n");
}

TEST_F(CoroutineHandlerBodyTest, StreamsChunksAndTheirTrailers) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const auto all = co_await request.ReadAll(100);
    EXPECT_TRUE(all.ok()) << all.status();
    EXPECT_TRUE(co_await ATurn());
    std::string text = all.ok() ? *all : "";
    for (const auto& [name, value] : request.trailers()) text += name + value;
    response.Send(text);
  };
  Serve(kHandler);
  const std::string body =
      "5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nT: u\r\n\r\n";
  for (const char* path : {"/", "/stream/x"}) {
    EXPECT_EQ(
        Answers(Request("POST", path, "Transfer-Encoding: chunked\r\n") + body),
        Ok("hello worldTu"));
  }
}

TEST_F(CoroutineHandlerBodyTest, FieldsAfterBeginAreTheTrailers) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const bool chunked = request.path() == "/chunks";
    EXPECT_TRUE(response.AddField("A", "head"));
    response.Begin(HttpStatus::kOk, kTextType,
                   chunked ? std::nullopt : std::optional<uint64_t>(4));
    EXPECT_TRUE((co_await response.Write("body")).ok());
    EXPECT_FALSE(response.AddField("Content-Length", "4"));
    EXPECT_EQ(response.AddField("B", "one"), chunked);
    EXPECT_TRUE(co_await ATurn());
    EXPECT_EQ(response.AddField("C", "two"), chunked);
    response.End();
    EXPECT_FALSE(response.AddField("D", "late"));
  };
  Serve(kHandler);
  const std::string answer = Answers(Get("/chunks"));
  EXPECT_THAT(answer, HasSubstr("\r\nA: head\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n4\r\nbody\r\n0\r\n"
                               "B: one\r\nC: two\r\n\r\n"));
  EXPECT_THAT(Answers(Get("/length")), EndsWith("\r\n\r\nbody"));
}

TEST_F(CoroutineHandlerBodyTest, ReadAllIsBounded) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const auto all = co_await request.ReadAll(4);
    if (all.ok()) co_return response.Send(*all);
    EXPECT_TRUE(absl::IsResourceExhausted(all.status())) << all.status();
    response.SendError(HttpStatus::kContentTooLarge, "too much");
  };
  Serve(kHandler);
  for (const char* path : {"/", "/stream/x"}) {
    EXPECT_EQ(Answers(Post(path, "four")), Ok("four"));
    EXPECT_THAT(Answers(Post(path, "fives")), StartsWith("HTTP/1.1 413"));
  }
}

TEST_F(CoroutineHandlerBodyTest, ContinuesWhenTheBodyIsFirstRead) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    EXPECT_TRUE(co_await shared->gate.Wait());
    if (*request.parameter("name") == "refused") {
      co_return response.SendError(HttpStatus::kForbidden, "no");
    }
    const auto all = co_await request.ReadAll(100);
    response.Send(all.ok() ? *all : "");
  };
  Serve(kHandler);
  const auto head = [](const char* path) {
    return Request("POST", path,
                   "Content-Length: 4\r\nExpect: 100-continue\r\n");
  };
  LoopbackClient refused = Connect();
  refused.Send(head("/stream/refused"));
  LoopbackClient taken = Connect();
  taken.Send(head("/stream/taken"));
  shared_.begun.Await(2);
  AwaitTurns();
  OpenGate();
  EXPECT_THAT(ReceiveHead(refused), StartsWith("HTTP/1.1 403"));
  EXPECT_EQ(ReceiveHead(taken), "HTTP/1.1 100 Continue\r\n\r\n");
  taken.Send("body");
  taken.ShutdownWrite();
  EXPECT_EQ(WithoutDates(taken.ReceiveAll()), Ok("body"));
}

// --- Back-pressure. ----------------------------------------------------------

// So much is more than the kernel keeps of two sockets.
constexpr size_t kMuch = 40'000'000;

TEST_F(CoroutineHandlerBodyTest, ABodyThatIsNotReadStaysWithTheClient) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const auto first = co_await request.Read();
    size_t bytes = first.ok() ? first->size() : 0;
    shared->resumed.Add();
    EXPECT_TRUE(co_await shared->gate.Wait());
    while (true) {
      const auto piece = co_await request.Read();
      if (!piece.ok() || piece->empty()) break;
      bytes += piece->size();
      EXPECT_TRUE(co_await ATurn());
    }
    response.Send(std::to_string(bytes));
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  EventCount sent;
  Thread sender = *Thread::Start("sender", [&] {
    client.Send(Post("/stream/x", std::string(kMuch, 'x')));
    sent.Add();
  });
  shared_.resumed.Await(1);
  for (int i = 0; i < 20; ++i) AwaitTurns();
  EXPECT_EQ(sent.count(), 0);
  OpenGate();
  EXPECT_THAT(ReceiveHead(client), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(client.Receive(8), std::to_string(kMuch));
  sender.Join();
}

TEST_F(CoroutineHandlerBodyTest, AClientThatDoesNotReadHoldsUpWrite) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    const std::string piece(100'000, 'x');
    response.Begin(HttpStatus::kOk, "x/y", kMuch);
    for (size_t i = 0; i < kMuch / piece.size(); ++i) {
      EXPECT_TRUE((co_await response.Write(piece)).ok());
      shared->resumed.Add();
    }
    response.End();
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get() + Get());
  shared_.begun.Await(1);
  for (int before = -1; before != shared_.resumed.count();) {
    before = shared_.resumed.count();
    for (int i = 0; i < 10; ++i) AwaitTurns();
  }
  EXPECT_LT(shared_.resumed.count(), static_cast<int>(kMuch / 100'000));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(ReceiveHead(client), HasSubstr("Content-Length: 40000000"));
    EXPECT_EQ(client.Receive(kMuch).size(), kMuch);
  }
}

TEST_F(CoroutineHandlerBodyTest, WritesWaitForTheirTurn) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    if (request.path() == "/first") {
      EXPECT_TRUE(co_await shared->gate.Wait());
      co_return response.Send("first");
    }
    response.Begin(HttpStatus::kOk, kTextType, 4);
    EXPECT_TRUE((co_await response.Write("mo")).ok());
    shared->resumed.Add();
    EXPECT_TRUE((co_await response.Write("re")).ok());
    response.End();
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  client.Send(Get("/first") + Get("/more"));
  client.ShutdownWrite();
  shared_.begun.Await(2);
  AwaitTurns();
  EXPECT_EQ(shared_.resumed.count(), 0);
  OpenGate();
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("first") + Ok("more"));
}

// --- Files. ------------------------------------------------------------------

MemoryFile* file = nullptr;

Task<> SendFile(AsyncRequest&, AsyncResponse& response) {
  const CoroutineServerFixture::Frame frame;
  response.Begin(HttpStatus::kOk, "x/y", kMuch);
  EXPECT_TRUE((co_await response.Write("head")).ok());
  EXPECT_TRUE((co_await response.WriteFile(*file, 1, kMuch - 8)).ok());
  EXPECT_TRUE((co_await response.Write("tail")).ok());
  response.End();
}

TEST_F(CoroutineHandlerBodyTest, FilesAreSentAsThereIsRoom) {
  MemoryFile sparse = MakeSparseFile(kMuch);
  file = &sparse;
  Serve(SendFile);
  LoopbackClient client = Connect();
  client.Send(Get() + Get());
  for (int i = 0; i < 2; ++i) {
    ReceiveHead(client);
    EXPECT_EQ(client.Receive(4), "head");
    EXPECT_EQ(client.Receive(kMuch - 8), std::string(kMuch - 8, '\0'));
    EXPECT_EQ(client.Receive(4), "tail");
  }
}

TEST_F(CoroutineHandlerBodyTest, WhatIsWrittenBeforeBeginIsRefused) {
  static constexpr auto kHandler = [](AsyncRequest&,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    EXPECT_TRUE(absl::IsUnavailable(co_await response.Write("early")));
    EXPECT_TRUE(absl::IsUnavailable(co_await response.WriteFile(*file, 0, 1)));
    response.Send("late");
  };
  MemoryFile some = MakeFile("some");
  file = &some;
  Serve(kHandler);
  EXPECT_EQ(Answers(Get()), Ok("late"));
}

// --- Several at a time. ------------------------------------------------------

TEST_F(CoroutineHandlerBodyTest, OneTaskReadsWhileAnotherWrites) {
  static constexpr auto kRead = [](AsyncRequest* request) -> Task<size_t> {
    size_t bytes = 0;
    while (true) {
      const auto piece = co_await request->Read();
      if (!piece.ok() || piece->empty()) co_return bytes;
      bytes += piece->size();
    }
  };
  static constexpr auto kWrite = [](AsyncResponse* response) -> Task<> {
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE((co_await response->Write(piece)).ok());
    }
  };
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    response.Begin(HttpStatus::kOk, "x/y", 10'000'008);
    const auto results = co_await WhenAll(kRead(&request), kWrite(&response));
    const std::string bytes = std::to_string(std::get<0>(results));
    EXPECT_TRUE((co_await response.Write(bytes)).ok());
    response.End();
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  Thread sender = *Thread::Start("sender", [&] {
    EXPECT_TRUE(client.Send(Post("/stream/x", std::string(kMuch, 'x'))));
  });
  ReceiveHead(client);
  EXPECT_EQ(client.Receive(10'000'000).size(), 10'000'000u);
  EXPECT_EQ(client.Receive(8), std::to_string(kMuch));
  sender.Join();
}

// What comes after the time is over is not lost.
TEST_F(CoroutineHandlerBodyTest, AReadWithATimeoutCanBeRepeated) {
  static constexpr auto kHandler = [](AsyncRequest& request,
                                      AsyncResponse& response) -> Task<> {
    const Frame frame;
    std::string all;
    while (true) {
      auto read = AsTask(request.Read());
      const auto piece =
          co_await WithTimeout(absl::Nanoseconds(1), std::move(read));
      if (absl::IsDeadlineExceeded(piece.status())) {
        shared->resumed.Add();
        continue;
      }
      EXPECT_TRUE(piece.ok()) << piece.status();
      if (!piece.ok() || piece->empty()) break;
      all += *piece;
    }
    response.Send(all);
  };
  Serve(kHandler);
  LoopbackClient client = Connect();
  const std::string text = Post("/stream/x", "hello");
  for (const char& byte : text) {
    const int before = shared_.resumed.count();
    if (shared_.begun.count() > 0) shared_.resumed.Await(before + 1);
    client.Send({&byte, 1});
  }
  EXPECT_THAT(ReceiveHead(client), HasSubstr("Content-Length: 5\r\n"));
  EXPECT_EQ(client.Receive(5), "hello");
}

}  // namespace
}  // namespace rondo
