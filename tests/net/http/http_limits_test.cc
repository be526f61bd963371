// Requests that are too large: each is answered, and the client gets to read
// the answer though it is still sending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "net/http/body_reader.h"
#include "net/http/http_limit.h"
#include "tests/net/http/http_server_fixture.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using End = LoopbackClient::End;

constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
constexpr size_t kMuch = 4 << 20;

class HttpLimitsTest : public HttpServerFixture {
 protected:
  HttpLimitsTest() {
    tcp_options_.limits.linger_timeout = absl::Minutes(1);
    options_.limits = {.max_request_line_bytes = 100,
                       .max_header_bytes = 300,
                       .max_fields = 5,
                       .max_body_bytes = 1'000};
  }

  // Sends all of it before it reads.
  void ExpectRefused(std::string_view request, std::string_view status) {
    LoopbackClient client = Connect();
    EXPECT_TRUE(client.Send(request)) << status;
    EXPECT_THAT(Receive(client),
                AllOf(StartsWith("HTTP/1.1 " + std::string(status) + "\r\n"),
                      HasSubstr("\r\nConnection: close\r\n")));
    EXPECT_EQ(client.AwaitEnd(), End::kFin) << status;
  }
};

TEST_F(HttpLimitsTest, ALongRequestLineIs414Rfc9112_3) {
  Start();
  ExpectRefused(
      "GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n",
      "414 URI Too Long");
  ExpectRefused("GET /" + std::string(kMuch, 'x'), "414 URI Too Long");
}

TEST_F(HttpLimitsTest, ALongHeaderIs431Rfc6585_5) {
  Start();
  constexpr std::string_view k431 = "431 Request Header Fields Too Large";
  ExpectRefused(Request("GET /", "X: " + std::string(300, 'x') + "\r\n"), k431);
  ExpectRefused(Request("GET /", "X: " + std::string(kMuch, 'x')), k431);
  ExpectRefused(Request("GET /", "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n"), k431);
}

TEST_F(HttpLimitsTest, WhatFitsIsTaken) {
  Start();
  EXPECT_THAT(StatusLines(Ask(
                  Request("GET /", "A:\r\nB:\r\nC:\r\nConnection: close\r\n"))),
              ElementsAre("200 OK"));
  const std::string body(1'000, 'x');
  EXPECT_EQ(Ask(Post("/echo", body) + Request("POST /echo", kChunked) +
                "3e8\r\n" + body + "\r\n0\r\n\r\n" + LastRequest()),
            Ok(body) + Ok(body) + LastOk("hello"));
}

TEST_F(HttpLimitsTest, ALongBodyIs413BeforeItIsRead) {
  OnStream("/stream", [this](const HttpRequest&, ResponseWriter& writer) {
    events_.Add();
    writer.Send("it has been asked");
  }).Start();
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    LoopbackClient client = Connect();
    client.Send(Request(line, "Content-Length: 1001\r\n"));  // no more
    EXPECT_THAT(StatusLines(Receive(client)),
                ElementsAre("413 Content Too Large"));
    EXPECT_EQ(client.AwaitEnd(), End::kFin);
  }
  EXPECT_EQ(events_.count(), 0);
}

TEST_F(HttpLimitsTest, ALongBodyThatComesAllTheSameIsSwallowed) {
  Start();
  ExpectRefused(Post("/echo", std::string(kMuch, 'x')),
                "413 Content Too Large");
  ExpectRefused(Post("/none", std::string(kMuch, 'x')),
                "413 Content Too Large");
}

// Else what it sends would turn the answer into a reset.
TEST_F(HttpLimitsTest, ALongBodyThatOnlyComesLaterIsSwallowed) {
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /echo", "Content-Length: 1001\r\n"));
  AwaitRead(client);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(std::string(300, 'x'))) << i;
    AwaitTurns();
  }
  EXPECT_THAT(StatusLines(client.ReceiveAll()),
              ElementsAre("413 Content Too Large"));
}

// A body that would be dropped, of the connection's last request.
TEST_F(HttpLimitsTest, ABodyThatComesAfterTheLastAnswerDoesNotResetIt) {
  options_.limits.max_body_bytes = 1'000'000;
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("POST /none",
                      "Content-Length: 50000\r\n"
                      "Connection: close\r\n"));
  AwaitRead(client);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.Send(std::string(10'000, 'x'))) << i;
    AwaitTurns();
  }
  EXPECT_THAT(StatusLines(client.ReceiveAll()), ElementsAre("404 Not Found"));
  EXPECT_EQ(client.AwaitEnd(), End::kFin);
}

TEST_F(HttpLimitsTest, ALongBodyOfChunksIs413) {
  OnStream("/stream", [](const HttpRequest&, ResponseWriter& writer) {
    writer.ReadBody({.on_end = [](ResponseWriter& w, const HttpTrailers&) {
      w.Send("it has come");
    }});
  }).Start();
  for (const std::string line : {"POST /echo", "POST /stream"}) {
    ExpectRefused(Request(line, kChunked) + "3e9\r\n" +
                      std::string(1'001, 'x') + "\r\n0\r\n\r\n",
                  "413 Content Too Large");
    ExpectRefused(
        Request(line, kChunked) + "400000\r\n" + std::string(kMuch, 'x'),
        "413 Content Too Large");
  }
}

TEST_F(HttpLimitsTest, OnesBeforeItAreAnswered) {
  Start();
  LoopbackClient client = Connect();
  client.Send(Request("GET /") + Post("/echo", "body") +
              Post("/echo", std::string(2'000, 'x')) + Request("GET /"));
  EXPECT_THAT(StatusLines(client.ReceiveAll()),
              ElementsAre("200 OK", "200 OK", "413 Content Too Large"));
}

TEST_F(HttpLimitsTest, TrailersAreLimited) {
  options_.limits.max_trailer_bytes = 100;
  Start();
  ExpectRefused(
      Request("POST /echo", kChunked) + "0\r\nX: " + std::string(kMuch, 'x'),
      "431 Request Header Fields Too Large");
}

TEST_F(HttpLimitsTest, ChunkExtensionsAreLimited) {
  options_.limits.max_chunk_extension_bytes = 100;
  Start();
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "1;extension\r\nx\r\n";
  ExpectRefused(Request("POST /echo", kChunked) + chunks + "0\r\n\r\n",
                "400 Bad Request");
}

TEST_F(HttpLimitsTest, EachIsCounted) {
  options_.limits.max_trailer_bytes = 50;
  options_.limits.max_chunk_extension_bytes = 50;
  Start();
  const std::string long_text(2'000, 'x');
  const std::string chunked = Request("POST /echo", kChunked);
  const struct {
    HttpLimit limit;
    std::string request;
  } kCases[] = {
      {HttpLimit::kRequestLineBytes, "GET /" + long_text},
      {HttpLimit::kHeaderBytes, Request("GET /", "X: " + long_text)},
      {HttpLimit::kFields, Request("GET /", "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n")},
      {HttpLimit::kBodyBytes, Post("/echo", long_text)},
      {HttpLimit::kChunkExtensionBytes, chunked + "1;" + long_text},
      {HttpLimit::kTrailerBytes, chunked + "0\r\nX: " + long_text}};
  std::array<uint64_t, kHttpLimits> expected = {};
  for (const auto& [limit, request] : kCases) {
    Ask(request);
    ++expected[static_cast<size_t>(limit)];
    EXPECT_EQ(server_->TakeSnapshot().limits, expected) << ToString(limit);
  }
  Ask("GET / HTTP/1.1\r\n\r\n");  // bad, but not too large
  EXPECT_EQ(server_->TakeSnapshot().limits, expected);
}

// A refusal leaves nothing behind for the next client.
TEST_F(HttpLimitsTest, OthersAreServedMeanwhile) {
  Start();
  LoopbackClient other = Connect();
  for (int i = 0; i < 20; ++i) {
    ExpectRefused(Post("/echo", std::string(10'000, 'x')),
                  "413 Content Too Large");
    other.Send(Request("GET /"));
    EXPECT_EQ(Receive(other), Ok("hello"));
  }
}

}  // namespace
}  // namespace rondo
