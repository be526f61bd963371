// What curl, ab, wrk and bare sockets get from examples/hello.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
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

Ended Curl(Flags arguments) {
  arguments.insert(arguments.begin(), {"curl", "-q", "-sS", "--noproxy", "*"});
  return RunCommand(std::move(arguments));
}

// --- Real clients. -----------------------------------------------------------

TEST(HelloTest, CurlGetsHelloWorld) {
  const ExampleServer server("hello");
  const Ended curl = Curl({server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "hello world\n");
}

TEST(HelloTest, CurlUsesOneConnectionForTwoRequests) {
  const ExampleServer server("hello");
  const Ended curl = Curl({"-v", server.url(), server.url()});
  EXPECT_EQ(curl.output, "hello world\nhello world\n");
  EXPECT_THAT(curl.errors, ContainsRegex("[Rr]e-?using existing"));
}

TEST(HelloTest, CurlGetsHeadWithoutBody) {
  const ExampleServer server("hello");
  const Ended curl = Curl({"--head", server.url(), server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_THAT(curl.output,
              AllOf(HasSubstr("Content-Length: 12"), Not(HasSubstr("hello"))));
}

TEST(HelloTest, AbFailsNothingWithoutKeepAlive) {
  const ExampleServer server("hello");
  const Ended ab = RunCommand({"ab", "-q", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST(HelloTest, AbFailsNothingWithKeepAlive) {
  const ExampleServer server("hello");
  const Ended ab =
      RunCommand({"ab", "-q", "-k", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               ContainsRegex("Keep-Alive requests: +500\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST(HelloTest, WrkSeesNoErrors) {
  const ExampleServer server("hello");
  const Ended wrk =
      RunCommand({"wrk", "-t1", "-c16", "-d1s", "--timeout=30s", server.url()});
  EXPECT_EQ(wrk.exit_code, 0) << wrk.errors;
  EXPECT_THAT(wrk.output, AllOf(ContainsRegex("[1-9][0-9]* requests in"),
                                Not(HasSubstr("Socket errors")),
                                Not(HasSubstr("Non-2xx"))));
}

// --- One reply for each blank line. ------------------------------------------

TEST(HelloTest, AnswersPipelinedRequestsInTurn) {
  const ExampleServer server("hello");
  const int kRequests = 2'000;
  EXPECT_EQ(Answer(server, Repeat(kRequest, kRequests)),
            Repeat(kReply, kRequests));
}

// Sends the request as often as it has bytes, each time cut at another one: the
// reply to one tells that what follows it, the beginning of the next, was read.
void ExpectOneReplyWhereverCut(std::string_view request) {
  const ExampleServer server("hello");
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

TEST(HelloTest, AnswersOncePerBlankLineHoweverSplit) {
  ExpectOneReplyWhereverCut(kRequest);
}

TEST(HelloTest, AnswersOncePerBlankLineWithoutCarriageReturns) {
  ExpectOneReplyWhereverCut("GET / HTTP/1.1\nHost: a\n\n");
}

TEST(HelloTest, AnswersARequestThatComesByteByByte) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  for (const char& byte : kRequest) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(client.Read(kReply.size()), kReply);
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloTest, DoesNotAnswerLoneBlankLines) {
  const ExampleServer server("hello");
  EXPECT_THAT(Answer(server, "\r\n\n\r\n"), IsEmpty());
  EXPECT_EQ(Answer(server, "\r\n\n" + std::string(kRequest) + "\r\n\n"),
            kReply);
}

TEST(HelloTest, DoesNotAnswerARequestWithoutItsEnd) {
  const ExampleServer server("hello");
  EXPECT_THAT(Answer(server, "GET / HTTP/1.1\r\nHost: a\r\n"), IsEmpty());
}

TEST(HelloTest, AnswersWhatCameBeforeTheEndOfInput) {
  const ExampleServer server("hello");
  EXPECT_EQ(Answer(server, kRequest), kReply);
}

// --- When a connection ends. -------------------------------------------------

TEST(HelloTest, ClosesForHttp10) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloTest, KeepsAliveForHttp10ThatAsks) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_THAT(
      client.ReadToEnd(),
      AllOf(HasSubstr("\r\nConnection: keep-alive\r\n"), EndsWith(kLastReply)));
}

TEST(HelloTest, ClosesForHttp11ThatAsksAndAnswersNothingMore) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(std::string(kLastRequest) + std::string(kRequest)));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloTest, CloseFlagClosesAfterTheReply) {
  const ExampleServer server("hello", {"--close"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST(HelloTest, CloseFlagServesCurlAndAb) {
  const ExampleServer server("hello", {"--close"});
  const Ended curl = Curl({"-v", server.url(), server.url()});
  EXPECT_EQ(curl.output, "hello world\nhello world\n");
  EXPECT_THAT(curl.errors, Not(ContainsRegex("[Rr]e-?using existing")));
  const Ended ab =
      RunCommand({"ab", "-q", "-k", "-n200", "-c10", server.url()});
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +200\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               ContainsRegex("Keep-Alive requests: +0\n")));
}

// --- Requests of another kind. -----------------------------------------------

TEST(HelloTest, HeadHasNoBody) {
  const ExampleServer server("hello");
  const std::string_view head = kReply.substr(0, kReply.find("hello"));
  EXPECT_EQ(Answer(server, "HEAD / HTTP/1.1\r\n\r\n" + std::string(kRequest)),
            std::string(head) + std::string(kReply));
}

TEST(HelloTest, EndlessHeadIsRefused) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  while (client.Send(std::string(1'000, 'x'))) {  // until the server closes
  }
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST(HelloTest, LongHeadIsRefusedWithOneReply) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x')));
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("Connection: close"),
                    Not(HasSubstr("200"))));
}

TEST(HelloTest, LongHeadIsRefusedEvenIfItComesWhole) {
  const ExampleServer server("hello");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nConnection: close\r\nX: " +
                          std::string(9'000, 'x') + "\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

// --- Clients that go away. ---------------------------------------------------

TEST(HelloTest, ServesOnAfterAClientIsKilledMidRequest) {
  const ExampleServer server("hello");
  {
    Process nc({.argv = {"nc", "127.0.0.1", server.port_text()}});
    nc.Write(std::string(kRequest) + "GET / HT");
    ASSERT_EQ(nc.Read(kReply.size()), kReply);
    nc.Signal(SIGKILL);
    EXPECT_EQ(nc.Wait().signal, SIGKILL);
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

TEST(HelloTest, ServesOnAfterResets) {
  const ExampleServer server("hello", {"--threads=1"});
  for (int i = 0; i < 100; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(Repeat(kRequest, 100) + "GET / HT"));
    client.Reset();
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

}  // namespace
}  // namespace rondo
