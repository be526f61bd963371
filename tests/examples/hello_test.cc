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

class HelloTest : public ::testing::TestWithParam<const char*> {};

TEST_P(HelloTest, CurlGetsHelloWorld) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "hello world\n");
}

TEST_P(HelloTest, CurlUsesOneConnectionForTwoRequests) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({"-v", server.url(), server.url()});
  EXPECT_EQ(curl.output, "hello world\nhello world\n");
  EXPECT_THAT(curl.errors, ContainsRegex("[Rr]e-?using existing"));
}

TEST_P(HelloTest, CurlGetsHeadWithoutBody) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({"--head", server.url(), server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_THAT(curl.output,
              AllOf(HasSubstr("Content-Length: 12"), Not(HasSubstr("hello"))));
}

TEST_P(HelloTest, AbFailsNothingWithoutKeepAlive) {
  const ExampleServer server(GetParam());
  const Ended ab = RunCommand({"ab", "-q", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(HelloTest, AbFailsNothingWithKeepAlive) {
  const ExampleServer server(GetParam());
  const Ended ab =
      RunCommand({"ab", "-q", "-k", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               ContainsRegex("Keep-Alive requests: +500\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(HelloTest, WrkSeesNoErrors) {
  const ExampleServer server(GetParam());
  const Ended wrk =
      RunCommand({"wrk", "-t1", "-c16", "-d1s", "--timeout=30s", server.url()});
  EXPECT_EQ(wrk.exit_code, 0) << wrk.errors;
  EXPECT_THAT(wrk.output, AllOf(ContainsRegex("[1-9][0-9]* requests in"),
                                Not(HasSubstr("Socket errors")),
                                Not(HasSubstr("Non-2xx"))));
}

// --- One reply for each blank line. ------------------------------------------

TEST_P(HelloTest, AnswersPipelinedRequestsInTurn) {
  const ExampleServer server(GetParam());
  const int kRequests = 2'000;
  EXPECT_EQ(Answer(server, Repeat(kRequest, kRequests)),
            Repeat(kReply, kRequests));
}

// Sends the request as often as it has bytes, each time cut at another one: the
// reply to one tells that what follows it, the beginning of the next, was read.
void ExpectOneReplyWhereverCut(const char* example, std::string_view request) {
  const ExampleServer server(example);
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

TEST_P(HelloTest, AnswersOncePerBlankLineHoweverSplit) {
  ExpectOneReplyWhereverCut(GetParam(), kRequest);
}

TEST_P(HelloTest, AnswersOncePerBlankLineWithoutCarriageReturns) {
  ExpectOneReplyWhereverCut(GetParam(), "GET / HTTP/1.1\nHost: a\n\n");
}

TEST_P(HelloTest, AnswersARequestThatComesByteByByte) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  for (const char& byte : kRequest) ASSERT_TRUE(client.Send({&byte, 1}));
  EXPECT_EQ(client.Read(kReply.size()), kReply);
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST_P(HelloTest, DoesNotAnswerLoneBlankLines) {
  const ExampleServer server(GetParam());
  EXPECT_THAT(Answer(server, "\r\n\n\r\n"), IsEmpty());
  EXPECT_EQ(Answer(server, "\r\n\n" + std::string(kRequest) + "\r\n\n"),
            kReply);
}

TEST_P(HelloTest, DoesNotAnswerARequestWithoutItsEnd) {
  const ExampleServer server(GetParam());
  EXPECT_THAT(Answer(server, "GET / HTTP/1.1\r\nHost: a\r\n"), IsEmpty());
}

TEST_P(HelloTest, AnswersWhatCameBeforeTheEndOfInput) {
  const ExampleServer server(GetParam());
  EXPECT_EQ(Answer(server, kRequest), kReply);
}

// --- When a connection ends. -------------------------------------------------

TEST_P(HelloTest, ClosesForHttp10) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST_P(HelloTest, KeepsAliveForHttp10ThatAsks) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n"));
  ASSERT_TRUE(client.Send(kLastRequest));
  EXPECT_THAT(
      client.ReadToEnd(),
      AllOf(HasSubstr("\r\nConnection: keep-alive\r\n"), EndsWith(kLastReply)));
}

TEST_P(HelloTest, ClosesForHttp11ThatAsksAndAnswersNothingMore) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(std::string(kLastRequest) + std::string(kRequest)));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST_P(HelloTest, CloseFlagClosesAfterTheReply) {
  const ExampleServer server(GetParam(), {"--close"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(kRequest));
  EXPECT_EQ(client.ReadToEnd(), kLastReply);
}

TEST_P(HelloTest, CloseFlagServesCurlAndAb) {
  const ExampleServer server(GetParam(), {"--close"});
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

TEST_P(HelloTest, HeadHasNoBody) {
  const ExampleServer server(GetParam());
  const std::string_view head = kReply.substr(0, kReply.find("hello"));
  EXPECT_EQ(Answer(server, "HEAD / HTTP/1.1\r\n\r\n" + std::string(kRequest)),
            std::string(head) + std::string(kReply));
}

TEST_P(HelloTest, EndlessHeadIsRefused) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  while (client.Send(std::string(1'000, 'x'))) {  // until the server closes
  }
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

TEST_P(HelloTest, LongHeadIsRefusedWithOneReply) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x')));
  EXPECT_THAT(client.ReadToEnd(),
              AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("Connection: close"),
                    Not(HasSubstr("200"))));
}

TEST_P(HelloTest, LongHeadIsRefusedEvenIfItComesWhole) {
  const ExampleServer server(GetParam());
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nConnection: close\r\nX: " +
                          std::string(9'000, 'x') + "\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
}

// --- Clients that go away. ---------------------------------------------------

TEST_P(HelloTest, ServesOnAfterAClientIsKilledMidRequest) {
  const ExampleServer server(GetParam());
  {
    Process nc({.argv = {"nc", "127.0.0.1", server.port_text()}});
    nc.Write(std::string(kRequest) + "GET / HT");
    ASSERT_EQ(nc.Read(kReply.size()), kReply);
    nc.Signal(SIGKILL);
    EXPECT_EQ(nc.Wait().signal, SIGKILL);
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

TEST_P(HelloTest, ServesOnAfterResets) {
  const ExampleServer server(GetParam(), {"--threads=1"});
  for (int i = 0; i < 100; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(Repeat(kRequest, 100) + "GET / HT"));
    client.Reset();
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

INSTANTIATE_TEST_SUITE_P(Examples, HelloTest,
                         ::testing::Values("hello", "hello_coro"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
