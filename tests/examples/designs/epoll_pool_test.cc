// One descriptor in the hands of several workers, which EPOLLONESHOT prevents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/stream_client.h"

namespace rondo {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// Long enough for a second worker to come while one has a block in hand, and
// longer for a larger block than for a smaller: so the smaller one, which was
// read later, overtakes it.
const std::string kWork = "--work_us_per_kib=100";

constexpr size_t kStreamBytes = 200'000;  // more than one read takes

// Whether a stream comes back in order.
bool KeepsOrder(const DesignServer& server) {
  ClientSocket client(server.port());
  const std::string stream = Lines(kStreamBytes);
  EXPECT_TRUE(client.Send(stream));
  client.ShutdownWrite();
  return client.ReadToEnd() == absl::AsciiStrToUpper(stream);
}

constexpr int kTries = 100;

TEST(EpollPoolUnsafeTest, HandsOneConnectionToSeveralWorkers) {
  DesignServer server("epoll_pool_unsafe", {kWork});
  int tries = 0;
  while (tries < kTries && KeepsOrder(server)) ++tries;
  EXPECT_LT(tries, kTries) << "always in order";
  EXPECT_THAT(server.Stop().errors,
              ContainsRegex("\\] [1-9][0-9]* times a worker got a connection "
                            "that another one had\n"));
}

TEST(EpollPoolTest, NeverHandsOneConnectionToSeveralWorkers) {
  DesignServer server("epoll_pool", {kWork});
  for (int i = 0; i < kTries; ++i) ASSERT_TRUE(KeepsOrder(server)) << i;
  EXPECT_THAT(server.Stop().errors,
              HasSubstr("] 0 times a worker got a connection that another one "
                        "had\n"));
}

}  // namespace
}  // namespace rondo
