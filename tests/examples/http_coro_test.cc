// What curl and bare sockets get from examples/http_coro.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::StartsWith;

Ended Curl(Flags arguments, std::string input = "") {
  arguments.insert(arguments.begin(), {"curl", "-q", "-sS", "--noproxy", "*"});
  return RunCommand(std::move(arguments), std::move(input));
}

TEST(HttpCoroTest, SendsBackInUpperCase) {
  const ExampleServer server("http_coro");
  const Ended curl = Curl({"-d", "Hello, world 1!", server.url() + "upper"});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "HELLO, WORLD 1!");
}

// More than is ever kept of a body.
TEST(HttpCoroTest, SendsBackAnUploadOfAnySize) {
  const ExampleServer server("http_coro");
  const std::string body(20'000'000, 'x');
  const Ended curl = Curl({"-T", "-", server.url() + "upper"}, body);
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_TRUE(curl.output == std::string(body.size(), 'X'))
      << curl.output.size() << " bytes";
}

TEST(HttpCoroTest, SleepsAndAnswers) {
  const ExampleServer server("http_coro");
  const std::string url = server.url() + "sleep";
  const Ended curl = Curl({"--parallel", url, url, url});
  EXPECT_EQ(curl.exit_code, 0) << curl.errors;
  EXPECT_EQ(curl.output, "slept\nslept\nslept\n");
}

TEST(HttpCoroTest, OutlivesAClientThatGoes) {
  const ExampleServer server("http_coro");
  for (const char* head :
       {"GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /upper HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody"}) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send(head));
    client.Reset();
  }
  EXPECT_EQ(Curl({"-d", "a", server.url() + "upper"}).output, "A");
}

}  // namespace
}  // namespace rondo
