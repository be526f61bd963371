// What real clients get from examples/hello and examples/hello_coro.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <string_view>

#include "tests/examples/client_socket.h"
#include "tests/examples/curl.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

class HelloClientsTest : public ::testing::TestWithParam<const char*> {};

TEST_P(HelloClientsTest, CurlGetsHelloWorld) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "hello world\n");
}

TEST_P(HelloClientsTest, CurlUsesOneConnectionForTwoRequests) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({"-v", server.url(), server.url()});
  EXPECT_EQ(curl.output, "hello world\nhello world\n");
  EXPECT_THAT(curl.errors, ContainsRegex("[Rr]e-?using existing"));
}

TEST_P(HelloClientsTest, CurlGetsHeadWithoutBody) {
  const ExampleServer server(GetParam());
  const Ended curl = Curl({"--head", server.url(), server.url()});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_THAT(curl.output,
              AllOf(HasSubstr("Content-Length: 12"), Not(HasSubstr("hello"))));
}

TEST_P(HelloClientsTest, AbFailsNothingWithoutKeepAlive) {
  const ExampleServer server(GetParam());
  const Ended ab = RunCommand({"ab", "-q", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(HelloClientsTest, AbFailsNothingWithKeepAlive) {
  const ExampleServer server(GetParam());
  const Ended ab =
      RunCommand({"ab", "-q", "-k", "-n500", "-c10", server.url()});
  EXPECT_EQ(ab.exit_code, 0) << ab.errors;
  EXPECT_THAT(ab.output, AllOf(ContainsRegex("Complete requests: +500\n"),
                               ContainsRegex("Failed requests: +0\n"),
                               ContainsRegex("Keep-Alive requests: +500\n"),
                               Not(HasSubstr("Non-2xx"))));
}

TEST_P(HelloClientsTest, WrkSeesNoErrors) {
  const ExampleServer server(GetParam());
  const Ended wrk =
      RunCommand({"wrk", "-t1", "-c16", "-d1s", "--timeout=30s", server.url()});
  EXPECT_EQ(wrk.exit_code, 0) << wrk.errors;
  EXPECT_THAT(wrk.output, AllOf(ContainsRegex("[1-9][0-9]* requests in"),
                                Not(HasSubstr("Socket errors")),
                                Not(HasSubstr("Non-2xx"))));
}

TEST_P(HelloClientsTest, CloseFlagServesCurlAndAb) {
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

// --- Clients that go away. ---------------------------------------------------

TEST_P(HelloClientsTest, ServesOnAfterAClientIsKilledMidRequest) {
  const ExampleServer server(GetParam());
  {
    Process nc({.argv = {"nc", "127.0.0.1", server.port_text()}});
    nc.Write(std::string(kRequest) + "GET / HT");
    ASSERT_EQ(nc.ReadLine(), "HTTP/1.1 200 OK\r");
    nc.Signal(SIGKILL);
    EXPECT_EQ(nc.Wait().signal, SIGKILL);
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

TEST_P(HelloClientsTest, ServesOnAfterResets) {
  const ExampleServer server(GetParam(), {"--threads=1"});
  for (int i = 0; i < 100; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(Repeat(kRequest, 100) + "GET / HT"));
    client.Reset();
  }
  EXPECT_EQ(Curl({server.url()}).output, "hello world\n");
}

INSTANTIATE_TEST_SUITE_P(Examples, HelloClientsTest,
                         ::testing::Values("hello", "hello_coro"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
