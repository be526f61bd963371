// What becomes of streams: bytes one by one, and more than anybody takes.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/ascii.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/designs/design_server.h"
#include "tests/examples/designs/designs.h"
#include "tests/examples/designs/stream_client.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

// Those that are about streams.
class DesignStreamTest : public DesignTest {
 protected:
  void SetUp() override {
    if (!GetParam().keeps_order) GTEST_SKIP() << "see epoll_pool_test";
  }
};

INSTANTIATE_TEST_SUITE_P(All, DesignStreamTest, testing::ValuesIn(kDesigns),
                         NameOf);

TEST_P(DesignStreamTest, HelloAnswersARequestThatComesByteByByte) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  for (const char& byte : kRequest) {
    // What it answers to another tells that it has read the last byte.
    ASSERT_EQ(Ask(server.port(), kRequest), kAnswer);
    ASSERT_TRUE(client.Send({&byte, 1}));
  }
  EXPECT_EQ(client.ReadToEnd(), kAnswer);
}

TEST_P(DesignStreamTest, UpperAnswersBytesThatComeOneByOne) {
  const DesignServer server(name_, {kUpper});
  ClientSocket client(server.port());
  const std::string lines = Lines(5'000);
  for (const char& byte : lines.substr(0, 100)) {
    ASSERT_TRUE(IsServed(client, {&byte, 1}));
  }
  for (const char& byte : lines) ASSERT_TRUE(client.Send({&byte, 1}));
  client.ShutdownWrite();
  EXPECT_EQ(client.ReadToEnd(), absl::AsciiStrToUpper(lines));
}

// More than the kernel takes: a server that does not linger resets it.
TEST_P(DesignStreamTest, HelloAnswerIsNotLostToWhatFollowsTheRequest) {
  const DesignServer server(name_, {kHello});
  ClientSocket client(server.port());
  // In one, as only what comes with the request tells that there is more.
  EXPECT_TRUE(client.Send(std::string(kRequest) + MuchMoreLines()));
  EXPECT_EQ(client.ReadToEnd(), kAnswer);
}

// What the server cannot send, it may neither lose nor grow by, and others are
// served meanwhile.
TEST_P(DesignStreamTest, UpperClientThatReadsLateGetsAllItSent) {
  const DesignServer server(name_, {kUpper});
  const std::string& lines = MuchMoreLines();
  StreamClient client(server.port(), lines);
  EXPECT_TRUE(client.SendUntilStuck()) << client.sent_bytes();
  EXPECT_TRUE(ServesOn(server));
  const std::string received = client.Finish();
  EXPECT_TRUE(received == absl::AsciiStrToUpper(lines))
      << received.size() << " bytes of " << lines.size();
}

// Whether the process's first thread waits for something: proc(5), status.
bool IsAsleep(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word && word != "State:") {
  }
  status >> word;
  return word == "S";
}

// There is input from it all the time: to wait for that would be no wait.
TEST_P(DesignStreamTest, OneThreadSleepsWhileAClientDoesNotRead) {
  if (!GetParam().is_one_thread) GTEST_SKIP() << "has more threads";
  const DesignServer server(name_, {kUpper});
  StreamClient stuck(server.port(), MuchMoreLines());
  ASSERT_TRUE(stuck.SendUntilStuck());
  EXPECT_TRUE(Eventually([&] { return IsAsleep(server.pid()); }));
}

}  // namespace
}  // namespace rondo
