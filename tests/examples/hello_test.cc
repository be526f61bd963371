// What bare sockets get from examples/hello and examples/hello_coro.
// tests/net/http has the rest of what their server does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <string_view>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
constexpr std::string_view kLastRequest =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

// Each Date is as long as others.
constexpr std::string_view kReply =
    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n\r\n"
    "hello world\n";
constexpr std::string_view kLastReply =
    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n"
    "Connection: close\r\n\r\nhello world\n";

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// With the Date of kReply, if it has the form of one (RFC 9110 §5.6.7).
std::string AtNoon(const std::string& answers) {
  static const std::regex kDate(
      "Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
      "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r");
  return std::regex_replace(answers, kDate,
                            "Date: Sun, 22 Nov 2026 12:00:00 GMT\r");
}

// All that comes back for `bytes`, sent at once on a connection of their own.
std::string Answer(const ExampleServer& server, std::string_view bytes) {
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(bytes));
  client.ShutdownWrite();
  return AtNoon(client.ReadToEnd());
}

class HelloTest : public ::testing::TestWithParam<const char*> {};

// --- What it answers. --------------------------------------------------------

TEST_P(HelloTest, AnswersWithDateTypeAndLength) {
  const ExampleServer server(GetParam());
  EXPECT_EQ(Answer(server, kLastRequest), kLastReply);
}

TEST_P(HelloTest, AnswersEveryPathAndMethod) {
  const ExampleServer server(GetParam());
  for (const char* line : {"GET /a/b%20c?d=e", "POST /", "PUT /x", "DELETE /",
                           "OPTIONS /", "PATCH /.", "BREW /pot"}) {
    EXPECT_EQ(
        Answer(server, std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        kReply)
        << line;
  }
}

TEST_P(HelloTest, HeadHasNoBody) {
  const ExampleServer server(GetParam());
  const std::string_view head = kReply.substr(0, kReply.find("hello"));
  EXPECT_EQ(Answer(server, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" +
                               std::string(kRequest)),
            std::string(head) + std::string(kReply));
}

TEST_P(HelloTest, TakesBodiesAndDropsThem) {
  const ExampleServer server(GetParam());
  const std::string body =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345";
  const std::string chunks =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\n12345\r\n0\r\n\r\n";
  EXPECT_EQ(Answer(server, Repeat(body + chunks, 5) + std::string(kRequest)),
            Repeat(kReply, 11));
}

// --- One reply for each request. ---------------------------------------------

TEST_P(HelloTest, AnswersPipelinedRequestsInTurn) {
  const ExampleServer server(GetParam());
  const int kRequests = 2'000;
  EXPECT_EQ(Answer(server, Repeat(kRequest, kRequests)),
            Repeat(kReply, kRequests));
}

// Sends the request as often as it has bytes, each time cut at another one: the
// reply to one tells that what follows it, the beginning of the next, was read.
TEST_P(HelloTest, AnswersOncePerRequestHoweverSplit) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest.substr(0, 1)));
  for (size_t cut = 1; cut < kRequest.size(); ++cut) {
    std::string bytes(kRequest.substr(cut));
    const std::string_view next = kRequest.substr(0, cut + 1);
    bytes += next.size() < kRequest.size() ? next : kLastRequest;
    ASSERT_TRUE(client.Send(bytes));
    ASSERT_EQ(AtNoon(client.Read(kReply.size())), kReply) << "cut at " << cut;
  }
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kLastReply);
}

TEST_P(HelloTest, AnswersARequestThatComesByteByByte) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  for (const char& byte : kRequest) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(AtNoon(client.Read(kReply.size())), kReply);
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kLastReply);
}

TEST_P(HelloTest, DoesNotAnswerARequestWithoutItsEnd) {
  const ExampleServer server(GetParam());
  EXPECT_THAT(Answer(server, "GET / HTTP/1.1\r\nHost: a\r\n"), IsEmpty());
}

// --- When a connection ends. -------------------------------------------------

TEST_P(HelloTest, ClosesForHttp10) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kLastReply);
}

TEST_P(HelloTest, KeepsAliveForHttp10ThatAsks) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
  ASSERT_TRUE(client.Send(kLastRequest));
  std::string kept(kReply);
  kept.insert(kept.find("\r\n\r\n"), "\r\nConnection: keep-alive");
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kept + std::string(kLastReply));
}

TEST_P(HelloTest, ClosesForHttp11ThatAsksAndAnswersNothingMore) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(std::string(kLastRequest) + std::string(kRequest)));
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kLastReply);
}

TEST_P(HelloTest, CloseFlagClosesAfterTheReply) {
  const ExampleServer server(GetParam(), {"--close"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest));
  EXPECT_EQ(AtNoon(client.ReadToEnd()), kLastReply);
}

// --- What it refuses. --------------------------------------------------------

struct Refused {
  const char* what;
  std::string bytes;
  const char* status;
};

TEST_P(HelloTest, RefusesAndCloses) {
  const ExampleServer server(GetParam());
  const Refused kCases[] = {
      {"no Host, RFC 9112 3.2", "GET / HTTP/1.1\r\n\r\n", "400"},
      {"two Hosts, RFC 9112 3.2",
       "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {"bare LF, RFC 9112 2.2", "GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"no colon, RFC 9112 5", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "400"},
      {"no HTTP", "hello\r\n\r\n", "400"},
      {"another version, RFC 9110 15.6.6", "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
       "505"},
      {"a long line, RFC 9112 3",
       "GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       "414"},
      {"a long header, RFC 6585 5",
       "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x'), "431"},
      {"a large body, RFC 9110 15.5.14",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", "413"},
  };
  for (const Refused& refused : kCases) {
    SCOPED_TRACE(refused.what);
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(refused.bytes));
    EXPECT_THAT(
        client.ReadToEnd(),
        AllOf(StartsWith("HTTP/1.1 " + std::string(refused.status) + " "),
              HasSubstr("\r\nConnection: close\r\n")));
  }
}

TEST_P(HelloTest, EndlessHeadIsRefused) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  while (client.Send(std::string(1'000, 'x'))) {  // until the server closes
  }
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 4"));
}

INSTANTIATE_TEST_SUITE_P(Examples, HelloTest,
                         ::testing::Values("hello", "hello_coro"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
