// The limit that every design has: descriptors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(All, DesignTest, testing::ValuesIn(kDesigns), NameOf);

TEST_P(DesignTest, WithoutDescriptorsRefusesAndServesOn) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UBSan's check of vptrs needs descriptors of its own";
#endif
  constexpr size_t kFree = 5;
  constexpr int kClients = 20;
  DesignServer server(name_, {kUpper});
  const size_t count = CountOwnDescriptors(server) + kFree;
  const rlimit limit = {.rlim_cur = count, .rlim_max = count};
  ASSERT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
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

}  // namespace
}  // namespace rondo
