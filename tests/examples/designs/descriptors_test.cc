// The limit that every design has: descriptors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

// Leaves the server descriptors for so many connections, and returns how many
// it has then.
size_t LeaveRoomFor(size_t connections, const DesignServer& server) {
  const size_t count = CountOwnDescriptors(server) + connections;
  const rlimit limit = {.rlim_cur = count, .rlim_max = count};
  EXPECT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  return count;
}

TEST_P(DesignTest, WithoutDescriptorsRefusesAndServesOn) {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  GTEST_SKIP() << "UBSan's check of vptrs needs descriptors of its own";
#endif
  constexpr size_t kFree = 5;
  constexpr int kClients = 20;
  DesignServer server(name_, {kUpper});
  LeaveRoomFor(kFree, server);
  std::vector<ClientSocket> served;
  for (int i = 0; i < kClients; ++i) {
    ClientSocket client(server.port());
    if (IsServed(client)) served.push_back(std::move(client));
  }
  EXPECT_EQ(served.size(), kFree);
  for (ClientSocket& client : served) EXPECT_TRUE(IsServed(client));
  served.clear();
  EXPECT_TRUE(Eventually([&] { return ServesOn(server); }));
  const Ended& ended = server.Stop();
  EXPECT_EQ(CountOf("connection refused: ", ended.errors), 1) << ended.errors;
  EXPECT_THAT(ended.errors, HasSubstr("raise `ulimit -n`"));
  EXPECT_THAT(ended.errors, ContainsRegex("connections, (1[5-9]|[2-9][0-9]+) "
                                          "of them refused"));
}

// Nobody is refused who comes when there is room again.
TEST_P(DesignTest, ServesTheNextWhenAnotherHasLeftADescriptor) {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  GTEST_SKIP() << "UBSan's check of vptrs needs descriptors of its own";
#endif
  DesignServer server(name_, {kUpper});
  const size_t full = LeaveRoomFor(2, server);
  ClientSocket stays(server.port());
  ASSERT_TRUE(IsServed(stays));
  for (int i = 0; i < 20; ++i) {
    ClientSocket leaves(server.port());
    ASSERT_TRUE(IsServed(leaves)) << i;
    leaves.Close();
    ASSERT_TRUE(
        Eventually([&] { return CountDescriptors(server.pid()) < full; }));
  }
  EXPECT_THAT(server.Stop().errors, HasSubstr(" 0 of them refused\n"));
}

}  // namespace
}  // namespace rondo
