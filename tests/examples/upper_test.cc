// What nc and bare sockets get from examples/upper.
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

class UpperTest : public ::testing::TestWithParam<const char*> {};

TEST_P(UpperTest, NcGetsItsLineInUpperCase) {
  const ExampleServer server(GetParam());
  const Ended nc = RunCommand({"nc", "-N", "127.0.0.1", server.port_text()},
                              "Hello, world 1!\n");
  EXPECT_EQ(nc.exit_code, 0) << nc.errors;
  EXPECT_EQ(nc.output, "HELLO, WORLD 1!\n");
}

TEST_P(UpperTest, ChangesAsciiLettersOnly) {
  const ExampleServer server(GetParam());
  std::string all;
  std::string want;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
    want += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(all));
  EXPECT_EQ(client.Read(all.size()), want);
}

TEST_P(UpperTest, KeepsTheOrderOfAMebibyte) {
  const ExampleServer server(GetParam());
  std::string sent;
  std::string want;
  for (int i = 0; sent.size() < 1 << 20; ++i) {
    sent += "line " + std::to_string(i) + "\n";
    want += "LINE " + std::to_string(i) + "\n";
  }
  const Ended nc =
      RunCommand({"nc", "-N", "127.0.0.1", server.port_text()}, sent);
  EXPECT_TRUE(nc.output == want) << nc.output.size() << " bytes";
}

INSTANTIATE_TEST_SUITE_P(Examples, UpperTest,
                         ::testing::Values("upper", "upper_coro"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
