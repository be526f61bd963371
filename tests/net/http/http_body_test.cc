// Bodies of requests: whole or in pieces, wanted or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/http/body_reader.h"
#include "net/http/http_limit.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kLastChunked =
    "Transfer-Encoding: chunked\r\nConnection: close\r\n";

// The body, and its trailers.
std::string Told(std::string_view body, const HttpTrailers& trailers) {
  std::string text(body);
  for (const auto& [name, value] : trailers) text += "|" + name + "=" + value;
  return text;
}

void TellWhole(const HttpRequest& request, ResponseWriter& writer) {
  writer.Send(Told(request.body(), request.trailers()));
}

void TellStream(const HttpRequest& request, ResponseWriter& writer) {
  EXPECT_EQ(request.body(), "");
  auto all = std::make_shared<std::string>();
  writer.ReadBody(
      {.on_data = [all](ResponseWriter&,
                        std::string_view data) { all->append(data); },
       .on_end =
           [all](ResponseWriter& w, const HttpTrailers& trailers) {
             w.Send(Told(*all, trailers));
           },
       .on_abort = [] { ADD_FAILURE() << "it came whole"; }});
}

class HttpBodyTest : public HttpServerFixture {
 protected:
  ~HttpBodyTest() override { Stop(); }

  void StartTelling() {
    On("POST", "/whole", TellWhole).OnStream("/stream", TellStream).Start();
  }

  // Sends `parts`, each read before the next.
  std::string AskInParts(const std::vector<std::string_view>& parts) {
    LoopbackClient client = Connect();
    const int on = 1;  // a part that waited for the last one's would be slow
    setsockopt(client.fd().get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    for (const std::string_view part : parts) {
      client.Send(part);
      AwaitTurns();
    }
    return WithoutDates(client.ReceiveAll());
  }

  std::atomic<int> aborted_{0};
  std::atomic<int> ended_{0};
};

// --- Wanted. -----------------------------------------------------------------

TEST_F(HttpBodyTest, ChunksAndTrailersAreTheSameSplitAtEveryByteRfc9112_7_1) {
  StartTelling();
  for (const std::string line : {"POST /whole", "POST /stream"}) {
    const std::string request =
        Request(line, kLastChunked) +
        "5;a=b\r\nhello\r\n1\r\n,\r\n0006\r\n world\r\n0\r\n"
        "X-Sum: 12\r\nX-More: \r\n\r\n";
    for (size_t at = 0; at <= request.size(); ++at) {
      const std::string_view text = request;
      ASSERT_EQ(AskInParts({text.substr(0, at), text.substr(at)}),
                LastOk("hello, world|X-Sum=12|X-More="))
          << line << " split at " << at;
    }
  }
}

TEST_F(HttpBodyTest, BytesOfALengthAreTheSameSplitAtEveryByte) {
  StartTelling();
  for (const std::string target : {"/whole", "/stream"}) {
    const std::string request = Post(target, "hello", kClose);
    for (size_t at = 0; at <= request.size(); ++at) {
      const std::string_view text = request;
      ASSERT_EQ(AskInParts({text.substr(0, at), text.substr(at)}),
                LastOk("hello"))
          << target << " split at " << at;
    }
  }
}

TEST_F(HttpBodyTest, ByteByByteIsTheSame) {
  StartTelling();
  for (const std::string line : {"POST /whole", "POST /stream"}) {
    const std::string request =
        Request(line, kChunked) + "3\r\nabc\r\n0\r\nX: 1\r\n\r\n" +
        Post("/whole", "def") + Post("/stream", "ghi", kClose);
    std::vector<std::string_view> parts;
    for (size_t i = 0; i < request.size(); ++i) {
      parts.push_back(std::string_view(request).substr(i, 1));
    }
    EXPECT_EQ(AskInParts(parts), Ok("abc|X=1") + Ok("def") + LastOk("ghi"));
  }
}

TEST_F(HttpBodyTest, EmptyBodiesHaveAnEnd) {
  StartTelling();
  for (const std::string line : {"POST /whole", "POST /stream"}) {
    EXPECT_EQ(Ask(Request(line) + Request(line, "Content-Length: 0\r\n") +
                  Request(line, kChunked) + "0\r\n\r\n" + LastRequest()),
              Ok("") + Ok("") + Ok("") + LastOk("hello"));
  }
}

TEST_F(HttpBodyTest, ALargeBodyIsPutTogether) {
  StartTelling();
  std::string body;
  for (int i = 0; body.size() < 900'000; ++i) body += std::to_string(i) + " ";
  std::string chunks;
  for (size_t at = 0, step = 1; at < body.size();
       at += step, step = step * 2 % 77'777 + 1) {
    const std::string piece = body.substr(at, step);
    chunks += absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n");
  }
  chunks += "0\r\n\r\n";
  for (const std::string target : {"/whole", "/stream"}) {
    EXPECT_TRUE(Ask(Post(target, body, kClose)) == LastOk(body)) << target;
    EXPECT_TRUE(Ask(Request("POST " + target, kLastChunked) + chunks) ==
                LastOk(body))
        << target;
  }
}

TEST_F(HttpBodyTest, ARouteMayTakeMoreThanTheServer) {
  options_.limits.max_body_bytes = 100;
  On("POST", "/large", TellWhole, {.max_body_bytes = 200'000});
  On("POST", "/stream", TellStream,
     {.max_body_bytes = UINT64_MAX, .stream_body = true});
  Start();
  const std::string body(200'000, 'x');
  EXPECT_TRUE(Ask(Post("/large", body, kClose)) == LastOk(body));
  EXPECT_TRUE(Ask(Post("/stream", body, kClose)) == LastOk(body));
}

TEST_F(HttpBodyTest, MalformedChunksAre400) {
  StartTelling();
  EXPECT_THAT(
      StatusLines(Ask(Request("POST /whole", kChunked) + "2\r\nabc\r\n")),
      ElementsAre("400 Bad Request"));
}

// --- Streams that do not end well. -------------------------------------------

class HttpBodyAbortTest : public HttpBodyTest {
 protected:
  void StartCounting() {
    OnStream("/stream", [this](const HttpRequest&, ResponseWriter& writer) {
      writer.ReadBody({.on_data = [this](ResponseWriter&,
                                         std::string_view) { events_.Add(); },
                       .on_end =
                           [this](ResponseWriter& w, const HttpTrailers&) {
                             ++ended_;
                             w.Send("ended");
                           },
                       .on_abort = [this] { ++aborted_; }});
    }).Start();
  }
  void ExpectAbortedOnce() {
    AwaitTrue([this] { return aborted_ > 0; });
    AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
    Stop();
    EXPECT_EQ(aborted_, 1);
    EXPECT_EQ(ended_, 0);
  }
};

TEST_F(HttpBodyAbortTest, AMalformedChunkAbortsItOnce) {
  StartCounting();
  EXPECT_THAT(
      StatusLines(Ask(Request("POST /stream", kChunked) + "2\r\nab\r\nx\r\n")),
      ElementsAre("400 Bad Request"));
  ExpectAbortedOnce();
}

TEST_F(HttpBodyAbortTest, TooMuchAbortsItOnce) {
  options_.limits.max_body_bytes = 3;
  StartCounting();
  EXPECT_THAT(StatusLines(Ask(Request("POST /stream", kChunked) +
                              "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n")),
              ElementsAre("413 Content Too Large"));
  ExpectAbortedOnce();
}

TEST_F(HttpBodyAbortTest, AnEndInTheMiddleAbortsItOnce) {
  StartCounting();
  LoopbackClient client = Connect();
  client.Send(Request("POST /stream", "Content-Length: 40\r\n") + "part");
  events_.Await(1);
  client.ShutdownWrite();
  client.ReceiveAll();  // nothing, or why
  ExpectAbortedOnce();
}

TEST_F(HttpBodyAbortTest, AResetInTheMiddleAbortsItOnce) {
  StartCounting();
  LoopbackClient client = Connect();
  client.Send(Request("POST /stream", "Content-Length: 40\r\n") + "part");
  events_.Await(1);
  client.Reset();
  ExpectAbortedOnce();
}

TEST_F(HttpBodyAbortTest, WhatHasEndedIsNotAborted) {
  StartCounting();
  EXPECT_EQ(Ask(Post("/stream", "all", kClose)), LastOk("ended"));
  AwaitTrue([this] { return server_->tcp().open_connections() == 0; });
  Stop();
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(aborted_, 0);
}

TEST_F(HttpBodyAbortTest, AnAnswerBeforeTheEndAbortsItOnce) {
  OnStream("/stream", [this](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody(
        {.on_data = [](ResponseWriter& w,
                       std::string_view) { w.Send("enough"); },
         .on_end = [this](ResponseWriter&, const HttpTrailers&) { ++ended_; },
         .on_abort = [this] { ++aborted_; }});
  }).Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /stream", "Content-Length: 40\r\n") + "part");
  EXPECT_EQ(Receive(client), Ok("enough"));
  client.Send(std::string(36, 'x') + LastRequest());  // the rest is dropped
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
  ExpectAbortedOnce();
}

// --- Not wanted. -------------------------------------------------------------

class HttpUnreadBodyTest : public HttpBodyTest {
 protected:
  void StartIgnoring() {
    OnStream("/ignore", Says("ignored"));
    OnStream("/later", held_.Handler()).Start();
  }
};

TEST_F(HttpUnreadBodyTest, ASmallOneIsDropped) {
  StartIgnoring();
  const std::string body(1'000, 'x');
  EXPECT_EQ(Ask(Post("/ignore", body) + LastRequest()),
            Ok("ignored") + LastOk("hello"));
  EXPECT_THAT(
      StatusLines(Ask(Post("/none", body) + Post("/", body) + LastRequest())),
      ElementsAre("404 Not Found", "405 Method Not Allowed", "200 OK"));
}

TEST_F(HttpUnreadBodyTest, ASmallOneThatComesLaterIsDropped) {
  StartIgnoring();
  LoopbackClient client = Connect();
  client.Send(Request("POST /ignore", "Content-Length: 10\r\n") + "1234");
  EXPECT_EQ(Receive(client), Ok("ignored"));
  client.Send("567");
  AwaitRead(client);
  client.Send("890" + LastRequest());
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), LastOk("hello"));
}

// The bytes that follow are no request, whatever they look like.
TEST_F(HttpUnreadBodyTest, ALargeOneEndsTheConnection) {
  StartIgnoring();
  const std::string body = Request("GET /") + std::string(200'000, 'x');
  EXPECT_EQ(Ask(Post("/ignore", body) + Request("GET /")), LastOk("ignored"));
  EXPECT_EQ(server_->TakeSnapshot().met(HttpLimit::kDroppedBodyBytes), 1u);
  EXPECT_THAT(Ask(Post("/none", body) + Request("GET /")),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr(kClose)));
}

TEST_F(HttpUnreadBodyTest, OneOfUnknownLengthIsNoRequest) {
  StartIgnoring();
  const std::string answers = Ask(Request("POST /ignore", kChunked) +
                                  "3\r\nabc\r\n0\r\n\r\n" + LastRequest());
  EXPECT_THAT(answers, ::testing::AnyOf(LastOk("ignored"),
                                        Ok("ignored") + LastOk("hello")));
}

TEST_F(HttpUnreadBodyTest, OneThatWaitsForAnAnswerIsDroppedWithIt) {
  StartIgnoring();
  LoopbackClient client = Connect();
  client.Send(Post("/later", "body") + LastRequest());
  held_.Await(1);
  AwaitRead(client);
  EXPECT_TRUE(HasNothing(client));
  held_.Give(0, "late");
  EXPECT_EQ(WithoutDates(client.ReceiveAll()), Ok("late") + LastOk("hello"));
}

}  // namespace
}  // namespace rondo
