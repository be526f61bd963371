// The limit of select(2): descriptors below FD_SETSIZE.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/select.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/process_stats.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(SelectLoopTest, RefusesDescriptorsThatItsSetsCannotHold) {
  constexpr size_t kClients = FD_SETSIZE + 100;
  AllowDescriptors(kClients + 100);
  DesignServer server("select_loop");
  // Closed descriptors are used again, so all below are in use or its own.
  const size_t room = FD_SETSIZE - CountDescriptors(server.pid());
  std::vector<ClientSocket> clients;
  for (size_t i = 0; i < kClients; ++i) clients.emplace_back(server.port());
  std::vector<ClientSocket> served;
  for (ClientSocket& client : clients) {
    if (IsServed(client)) served.push_back(std::move(client));
  }
  EXPECT_EQ(served.size(), room);
  for (ClientSocket& client : served) EXPECT_TRUE(IsServed(client));

  served.pop_back();  // room for one again
  ASSERT_TRUE(Eventually([&] {
    ClientSocket client(server.port());
    return IsServed(client);
  }));
  const Ended& ended = server.Stop();
  EXPECT_EQ(CountOf("connection refused: ", ended.errors), 1) << ended.errors;
  EXPECT_THAT(ended.errors,
              AllOf(HasSubstr("select watches descriptors below 1024 only"),
                    HasSubstr("use poll_loop or epoll_loop")));
}

}  // namespace
}  // namespace rondo
