// The limit of a thread for each connection: more connections than threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"

namespace rondo {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr int kRoundTrips = 100;  // in which one that is not served stays so

TEST(BlockingPoolTest, OneMoreThanThreadsIsServedWhenAnotherEnds) {
  DesignServer server("blocking_pool", {"--threads=2"});
  ClientSocket first(server.port());
  ASSERT_TRUE(IsServed(first));
  ClientSocket second(server.port());
  ASSERT_TRUE(IsServed(second));
  ClientSocket waiting(server.port());
  ASSERT_TRUE(waiting.Send("b"));
  for (int i = 0; i < kRoundTrips; ++i) {
    ASSERT_TRUE(IsServed(first));
    ASSERT_TRUE(IsServed(second));
  }
  EXPECT_EQ(waiting.ReadAvailable(), "");
  first.Close();
  EXPECT_EQ(waiting.Read(1), "B");
  EXPECT_TRUE(IsServed(second));
  const Ended& ended = server.Stop();
  EXPECT_EQ(CountOf("for more at a time raise --threads=2\n", ended.errors), 1)
      << ended.errors;
  EXPECT_THAT(ended.errors,
              ContainsRegex("1 connections waited for a thread, the longest "
                            "[0-9.]+[mu]?s"));
}

TEST(BlockingPoolTest, AsManyAsThreadsDoNotWait) {
  DesignServer server("blocking_pool", {"--threads=2"});
  ClientSocket first(server.port());
  ClientSocket second(server.port());
  EXPECT_TRUE(IsServed(second));
  EXPECT_TRUE(IsServed(first));
  EXPECT_THAT(
      server.Stop().errors,
      HasSubstr("] 0 connections waited for a thread, the longest 0\n"));
}

TEST(BlockingPoolTest, EndsThoughConnectionsWait) {
  DesignServer server("blocking_pool", {"--threads=1"});
  ClientSocket first(server.port());
  ASSERT_TRUE(IsServed(first));
  ClientSocket waiting(server.port());
  ASSERT_TRUE(waiting.Send("b"));
  ASSERT_TRUE(IsServed(first));
  server.Stop();
  EXPECT_EQ(first.ReadToEnd(), "");
  EXPECT_EQ(waiting.ReadToEnd(), "");
}

}  // namespace
}  // namespace rondo
