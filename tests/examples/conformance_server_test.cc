// What clients get from examples/conformance_server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <iterator>
#include <regex>
#include <string>
#include <string_view>

#include "tests/examples/client_socket.h"
#include "tests/examples/curl.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::StartsWith;

constexpr char kName[] = "conformance_server";

std::string Answer(const ExampleServer& server, std::string_view bytes) {
  ClientSocket client(server.port());
  EXPECT_TRUE(client.Send(bytes));
  client.ShutdownWrite();
  return client.ReadToEnd();
}

std::string Body(const std::string& answer) {
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(ConformanceServerTest, AnswersAnyMethodOnAnyPath) {
  const ExampleServer server(kName);
  for (const char* line : {"GET /", "POST /a/b?c", "PUT /%20", "DELETE /x",
                           "OPTIONS /", "PATCH /", "TRACE /", "BREW /pot"}) {
    EXPECT_EQ(Body(Answer(server,
                          std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n")),
              "OK")
        << line;
  }
  EXPECT_EQ(Body(Answer(server, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")), "");
}

TEST(ConformanceServerTest, EchoesBodies) {
  const ExampleServer server(kName);
  EXPECT_EQ(Curl({"-d", "some text", server.url()}).output, "some text");
  EXPECT_EQ(Curl({"-d", "", server.url() + "x/y"}).output, "OK");
  const std::string megabyte(1 << 20, 'x');
  EXPECT_EQ(Curl({"-T-", server.url()}, megabyte).output, megabyte);
}

TEST(ConformanceServerTest, EchoAnswersHeaderLinesAsTheyCame) {
  const ExampleServer server(kName);
  EXPECT_EQ(Body(Answer(server,
                        "GET /echo HTTP/1.1\r\nhOSt: a:1\r\nB:  c d \t\r\n"
                        "A:\r\nB: \x80\r\n\r\n")),
            "hOSt: a:1\nB: c d\nA: \nB: \x80\n");
}

TEST(ConformanceServerTest, CookieAnswersPairs) {
  const ExampleServer server(kName);
  const std::string url = server.url() + "cookie";
  EXPECT_EQ(Curl({"-b", "a=1; b=2", url}).output, "a=1\nb=2\n");
  EXPECT_EQ(Curl({url}).output, "");
  EXPECT_EQ(
      Body(Answer(server,
                  "GET /cookie HTTP/1.1\r\nHost: a\r\n"
                  "cookie: a=b=c;d=; x; =e;;\r\nCookie: f=\"g\"\r\n\r\n")),
      "a=b=c\nd=\n=e\nf=\"g\"\n");
}

// Asks for `body` back.
void Ask(ClientSocket& client, const std::string& body) {
  ASSERT_TRUE(client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body));
  while (client.ReadLine().size() > 1) {  // more than its CR
  }
  EXPECT_EQ(client.Read(body.size()), body);
}

// Also when the body is too long to be copied behind its head.
TEST(ConformanceServerTest, HeadAndBodyLeaveInOneWrite) {
  ExampleServer server(kName, {"--threads=0"});
  ClientSocket client(server.port());
  Ask(client, "first");  // and no more is to be done for the connection
  Process strace({.argv = {"sh", "-c",
                           "exec strace -p \"$0\" "
                           "-e trace=write,writev,sendto,sendmsg,sendfile 2>&1",
                           std::to_string(server.process().pid())}});
  const std::string attached = strace.ReadLine();
  if (attached.find(" attached") == std::string::npos) {
    GTEST_SKIP() << "strace may not look: " << attached;
  }
  for (const int bytes : {1, 100, 4'000, 5'000, 9'000}) {
    Ask(client, std::string(bytes, 'x'));
  }
  strace.Signal(SIGINT);
  const std::string said = strace.Wait().output;
  const std::regex call("(write|writev|sendto|sendmsg|sendfile)\\(");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(said.begin(), said.end(), call), {}),
      5)
      << said;
}

}  // namespace
}  // namespace rondo
