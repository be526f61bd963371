// The chat: what one client says all others hear, and one that does not read
// holds up nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

// Clients are in the room in the order in which they have connected, and before
// what a later one says is heard.

TEST(ChatCoroTest, OthersHearWhatOneSays) {
  const ExampleServer server("chat_coro");
  ClientSocket first(server.port());
  ClientSocket second(server.port());
  ASSERT_TRUE(first.Send("is anybody there?\n"));
  // Both are in the room once the second has heard something.
  ASSERT_TRUE(second.Send("yes\n"));
  EXPECT_EQ(first.Read(4), "yes\n");
  ASSERT_TRUE(first.Send("good\n"));
  std::string heard = second.Read(5);
  if (heard != "good\n") {  // the question was heard too
    EXPECT_EQ(heard, "is an");
    EXPECT_EQ(second.Read(13 + 5), "ybody there?\ngood\n");
  }
}

TEST(ChatCoroTest, WhoLeavesIsMissedByNobody) {
  const ExampleServer server("chat_coro");
  ClientSocket stays(server.port());
  {
    ClientSocket leaves(server.port());
    ASSERT_TRUE(leaves.Send("bye\n"));
    EXPECT_EQ(stays.Read(4), "bye\n");
  }
  ClientSocket comes(server.port());
  ASSERT_TRUE(comes.Send("hello\n"));
  EXPECT_EQ(stays.Read(6), "hello\n");
}

TEST(ChatCoroTest, WhoDoesNotReadHoldsUpNobody) {
  const ExampleServer server("chat_coro");
  ClientSocket deaf(server.port());
  ClientSocket reads(server.port());
  ClientSocket talks(server.port());
  // More than sockets, the high water mark and a thousand lines hold.
  const std::string line = std::string(4'000, 'x') + "\n";
  constexpr int kLines = 4'000;
  for (int i = 0; i < kLines; ++i) {
    ASSERT_TRUE(talks.Send(line));
    ASSERT_EQ(reads.Read(line.size()), line) << i;
  }
  ASSERT_TRUE(talks.Send("the last\n"));
  ASSERT_EQ(reads.Read(9), "the last\n");
}

TEST(ChatCoroTest, ALineWithoutEndIsNotKept) {
  const ExampleServer server("chat_coro");
  ClientSocket client(server.port());
  (void)client.Send(std::string(100'000, 'x'));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(ChatCoroTest, ThreadsAreRefused) {
  const Ended ended = RunExample("chat_coro", {"--threads=2"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, HasSubstr("--threads=2: allowed is 0"));
}

}  // namespace
}  // namespace rondo
