// What bare sockets get from examples/hello_coro.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
constexpr std::string_view kLastRequest =
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

constexpr std::string_view kReply =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n"
    "hello world\n";
constexpr std::string_view kLastReply =
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 12\r\n\r\nhello world\n";

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// All that comes back for `bytes`, sent at once on a connection of their own.
std::string Answer(const ExampleServer& server, std::string_view bytes) {
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(bytes));
  client.ShutdownWrite();
  return client.ReadToEnd();
}

// --- One reply for each blank line. ------------------------------------------

TEST(HelloCoroTest, AnswersPipelinedRequestsInTurn) {
  const ExampleServer server("hello_coro");
  const int kRequests = 2'000;
  EXPECT_EQ(Answer(server, Repeat(kRequest, kRequests)),
            Repeat(kReply, kRequests));
}

// Sends the request as often as it has bytes, each time cut at another one: the
// reply to one tells that what follows it, the beginning of the next, was read.
void ExpectOneReplyWhereverCut(std::string_view request) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(request.substr(0, 1)));
  for (size_t cut = 1; cut < request.size(); ++cut) {
    std::string bytes(request.substr(cut));
    const std::string_view next = request.substr(0, cut + 1);
    bytes += next.size() < request.size() ? next : kLastRequest;
    ASSERT_TRUE(client.Send(bytes));
    ASSERT_EQ(client.Read(kReply.size()), kReply) << "cut at " << cut;
  }
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloCoroTest, AnswersOncePerBlankLineHoweverSplit) {
  ExpectOneReplyWhereverCut(kRequest);
}

TEST(HelloCoroTest, AnswersOncePerBlankLineWithoutCarriageReturns) {
  ExpectOneReplyWhereverCut("GET / HTTP/1.1\nHost: a\n\n");
}

TEST(HelloCoroTest, AnswersARequestThatComesByteByByte) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  for (const char& byte : kRequest) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(client.Read(kReply.size()), kReply);
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloCoroTest, DoesNotAnswerLoneBlankLines) {
  const ExampleServer server("hello_coro");
  EXPECT_THAT(Answer(server, "\r\n\n\r\n"), IsEmpty());
  EXPECT_EQ(Answer(server, "\r\n\n" + std::string(kRequest) + "\r\n\n"),
            kReply);
}

TEST(HelloCoroTest, DoesNotAnswerARequestWithoutItsEnd) {
  const ExampleServer server("hello_coro");
  EXPECT_THAT(Answer(server, "GET / HTTP/1.1\r\nHost: a\r\n"), IsEmpty());
}

TEST(HelloCoroTest, AnswersWhatCameBeforeTheEndOfInput) {
  const ExampleServer server("hello_coro");
  EXPECT_EQ(Answer(server, kRequest), kReply);
}

// --- When a connection ends. -------------------------------------------------

TEST(HelloCoroTest, ClosesForHttp10) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloCoroTest, KeepsAliveForHttp10ThatAsks) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_THAT(
      client.ReadToEnd(),
      AllOf(HasSubstr("\r\nConnection: keep-alive\r\n"), EndsWith(kLastReply)));
}

TEST(HelloCoroTest, ClosesForHttp11ThatAsksAndAnswersNothingMore) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(std::string(kLastRequest) + std::string(kRequest)));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloCoroTest, CloseFlagClosesAfterTheReply) {
  const ExampleServer server("hello_coro", {"--close"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

// --- Requests of another kind. -----------------------------------------------

TEST(HelloCoroTest, HeadHasNoBody) {
  const ExampleServer server("hello_coro");
  const std::string_view head = kReply.substr(0, kReply.find("hello"));
  EXPECT_EQ(Answer(server, "HEAD / HTTP/1.1\r\n\r\n" + std::string(kRequest)),
            std::string(head) + std::string(kReply));
}

TEST(HelloCoroTest, EndlessHeadIsRefused) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  while (client.Send(std::string(1'000, 'x'))) {  // until the server closes
  }
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST(HelloCoroTest, LongHeadIsRefusedWithOneReply) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x')));
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("Connection: close"),
                    Not(HasSubstr("200"))));
}

TEST(HelloCoroTest, LongHeadIsRefusedEvenIfItComesWhole) {
  const ExampleServer server("hello_coro");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nConnection: close\r\nX: " +
                          std::string(9'000, 'x') + "\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

}  // namespace
}  // namespace rondo
