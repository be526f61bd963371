// What nc and bare sockets get from examples/echo.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::MatchesRegex;

constexpr size_t kMebibyte = 1 << 20;

std::string RandomBytes(size_t bytes) {
  std::mt19937 random(/*seed=*/17);
  std::string result(bytes, '\0');
  for (char& c : result) c = static_cast<char>(random());
  return result;
}

class EchoTest : public ::testing::TestWithParam<const char*> {};

TEST_P(EchoTest, NcGetsItsLineBack) {
  const ExampleServer server(GetParam());
  const Ended nc =
      RunCommand({"nc", "-N", "127.0.0.1", server.port_text()}, "hello\n");
  EXPECT_EQ(nc.exit_code, 0) << nc.errors;
  EXPECT_EQ(nc.output, "hello\n");
}

TEST_P(EchoTest, NcGetsEachLineWhileItStaysConnected) {
  const ExampleServer server(GetParam());
  Process nc({.argv = {"nc", "127.0.0.1", server.port_text()}});
  for (const char* line : {"one", "two", "three"}) {
    nc.Write(std::string(line) + "\n");
    EXPECT_EQ(nc.ReadLine(), line);
  }
}

TEST_P(EchoTest, NcGetsAMebibyteBack) {
  const ExampleServer server(GetParam());
  const std::string bytes = RandomBytes(kMebibyte);
  const Ended nc =
      RunCommand({"nc", "-N", "127.0.0.1", server.port_text()}, bytes);
  EXPECT_TRUE(nc.output == bytes) << nc.output.size() << " bytes";
}

// What the server cannot send at once it sends later.
TEST_P(EchoTest, ClientThatReadsLateGetsAllItSent) {
  const ExampleServer server(GetParam());
  const std::string bytes = RandomBytes(kMebibyte);
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(bytes));
  client.ShutdownWrite();
  const std::string echoed = client.ReadToEnd();
  EXPECT_TRUE(echoed == bytes) << echoed.size() << " bytes";
}

TEST_P(EchoTest, EachConnectionGetsItsOwnBytes) {
  const ExampleServer server(GetParam());
  std::vector<ClientSocket> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < clients.size(); ++i) {
      ASSERT_TRUE(clients[i].Send(std::to_string(1'000 + i)));
    }
    for (size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i].Read(4), std::to_string(1'000 + i));
    }
  }
}

TEST_P(EchoTest, EndsAConnectionWhenItsClientDoes) {
  const ExampleServer server(GetParam());
  const Ended nc = RunCommand({"nc", "-N", "127.0.0.1", server.port_text()});
  EXPECT_EQ(nc.exit_code, 0) << nc.errors;
  EXPECT_EQ(nc.output, "");
}

TEST(EchoServerTest, WritesNothingButItsFirstAndItsLastLine) {
  ExampleServer server("echo");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("x"));
  EXPECT_EQ(client.Read(1), "x");
  client.Reset();
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.output, server.start_line() + "\n");
  // It may or may not have noticed the reset.
  EXPECT_THAT(ended.errors,
              MatchesRegex(StoppedLine("echo", {.drained = "[01]"})));
}

INSTANTIATE_TEST_SUITE_P(Examples, EchoTest,
                         ::testing::Values("echo", "echo_coro"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
