// Who is let in when as many are connected as may be.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

std::string Echo(ClientSocket& client, const std::string& bytes) {
  client.Send(bytes);
  return client.Read(bytes.size());
}

TEST(ConnectionCapTest, RefusesWhatIsAbove) {
  ExampleServer server("echo",
                       {"--max_connections=3", "--max_connections_per_ip=3"});
  std::vector<ClientSocket> open;
  for (int i = 0; i < 3; ++i) {
    open.emplace_back(server.port());
    EXPECT_EQ(Echo(open.back(), "x"), "x");
  }
  for (int i = 0; i < 3; ++i) {
    ClientSocket refused(server.port());
    EXPECT_EQ(refused.ReadToEnd(), "");
  }
  for (ClientSocket& client : open) EXPECT_EQ(Echo(client, "y"), "y");
}

TEST(ConnectionCapTest, WaitsForRoomIfToldTo) {
  ExampleServer server("echo",
                       {"--max_connections=2", "--max_connections_per_ip=2",
                        "--over_connections=wait"});
  std::vector<ClientSocket> open;
  for (int i = 0; i < 2; ++i) {
    open.emplace_back(server.port());
    EXPECT_EQ(Echo(open.back(), "x"), "x");
  }
  std::vector<ClientSocket> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.emplace_back(server.port());
    ASSERT_TRUE(waiting.back().Send("waited"));
  }
  for (ClientSocket& client : open) EXPECT_EQ(Echo(client, "y"), "y");
  for (ClientSocket& client : waiting) EXPECT_EQ(client.ReadAvailable(), "");
  open.clear();
  for (ClientSocket& client : waiting) {  // in their order, two at a time
    EXPECT_EQ(client.Read(6), "waited");
    client.Close();
  }
}

TEST(ConnectionCapTest, OneAddressGetsNoMoreThanItsShare) {
  ExampleServer server("echo", {"--max_connections_per_ip=3"});
  std::vector<ClientSocket> open;
  for (int i = 0; i < 3; ++i) {
    open.emplace_back(server.port());
    EXPECT_EQ(Echo(open.back(), "x"), "x");
  }
  for (int i = 0; i < 3; ++i) {
    ClientSocket refused(server.port());
    EXPECT_EQ(refused.ReadToEnd(), "");
  }
  // From another address.
  const Ended nc = RunCommand(
      {"nc", "-N", "-s", "127.0.0.2", "127.0.0.1", server.port_text()}, "hi\n");
  EXPECT_EQ(nc.output, "hi\n") << nc.errors;
  for (ClientSocket& client : open) EXPECT_EQ(Echo(client, "y"), "y");
}

}  // namespace
}  // namespace rondo
