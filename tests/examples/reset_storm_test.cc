// Ten thousand clients that go away by a reset, at each stage of a connection:
// the real servers keep no descriptor and no memory of them, and log nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process_stats.h"
#include "tests/net/tcp/scale.h"

namespace rondo {
namespace {

using ::testing::MatchesRegex;

constexpr int kResets = Scaled(10'000);
constexpr int kAtOnce = 100;

// In storms of so many, after each of which nothing may be left.
constexpr int kStorms = 5;

// 32 bytes of each connection would be more.
constexpr int64_t kLeakBytes = int64_t{32} * kResets / kStorms;

// Opens as many connections as it is told to, and resets them.
using Storm = absl::FunctionRef<void(ExampleServer& server, int connections)>;

// How much more memory the process has after a storm that was not the first:
// the least of all, as a leak grows by each, and what malloc() keeps does not.
int64_t LeastGrowth(const std::vector<int64_t>& resident_bytes) {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (size_t i = 1; i < resident_bytes.size(); ++i) {
    least = std::min(least, resident_bytes[i] - resident_bytes[i - 1]);
  }
  return least;
}

void ExpectNothingLeftBy(Storm storm, const std::string& name,
                         const std::string& unsent_bytes = "0") {
  ExampleServer server(name);
  const pid_t pid = server.process().pid();
  const size_t descriptors = CountDescriptors(pid);
  std::vector<int64_t> resident_bytes;
  for (int i = 0; i < kStorms; ++i) {
    for (int done = 0; done < kResets / kStorms; done += kAtOnce) {
      storm(server, kAtOnce);
      if (testing::Test::HasFailure()) return;
    }
    ASSERT_TRUE(Eventually([&] {
      return CountDescriptors(pid) == descriptors;
    })) << CountDescriptors(pid)
        << " descriptors, not " << descriptors;
    resident_bytes.push_back(ResidentBytes(pid));
  }
  if (!kSanitized) {  // they keep freed memory back
    EXPECT_LT(LeastGrowth(resident_bytes), kLeakBytes)
        << testing::PrintToString(resident_bytes);
  }
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              MatchesRegex(StoppedLine(
                  name, {.drained = "0", .unsent_bytes = unsent_bytes})));
}

// Whether all of its threads are stopped, which a signal does in its own time.
bool IsStopped(pid_t pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::string stat;
    std::getline(std::ifstream(task.path() / "stat"), stat);
    if (stat.find(") T ") == std::string::npos) return false;
  }
  return true;
}

// Fewer at once than the backlog holds, so that the kernel opens them while the
// server does nothing.
void ResetBeforeAccept(ExampleServer& server, int connections) {
  Process& process = server.process();
  process.Signal(SIGSTOP);
  ASSERT_TRUE(Eventually([&] { return IsStopped(process.pid()); }));
  std::vector<ClientSocket> clients;
  for (int i = 0; i < connections; ++i) clients.emplace_back(server.port());
  for (ClientSocket& client : clients) client.Reset();
  process.Signal(SIGCONT);
  // Once the last in the queue is served, the others have been accepted.
  ClientSocket last(server.port());
  ASSERT_TRUE(last.Send("last"));
  EXPECT_EQ(last.Read(4), "last");
}

TEST(ResetStormTest, BeforeAcceptLeavesNothing) {
  ExpectNothingLeftBy(ResetBeforeAccept, "echo");
}

// The reply to one request tells that the half after it has been read.
void ResetMidMessage(ExampleServer& server, int connections) {
  std::vector<ClientSocket> clients;
  for (int i = 0; i < connections; ++i) clients.emplace_back(server.port());
  for (ClientSocket& client : clients) {
    ASSERT_TRUE(client.Send(
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: "));
  }
  for (ClientSocket& client : clients) {
    ASSERT_EQ(client.ReadLine(), "HTTP/1.1 200 OK\r");
    client.Reset();
  }
}

// hello, as to echo each byte is a message.
TEST(ResetStormTest, MidMessageLeavesNothing) {
  ExpectNothingLeftBy(ResetMidMessage, "hello");
}

// The reply has begun, and is longer than what the client lets come.
void ResetMidReply(ExampleServer& server, int connections) {
  constexpr int kReceiveBufferBytes = 4'096;
  const std::string request(256 << 10, 'x');
  std::vector<ClientSocket> clients;
  for (int i = 0; i < connections; ++i) {
    clients.emplace_back(server.port(), kReceiveBufferBytes);
    ASSERT_TRUE(clients.back().Send(request));
  }
  for (ClientSocket& client : clients) {
    ASSERT_EQ(client.Read(1), "x");
    client.Reset();
  }
}

TEST(ResetStormTest, MidReplyLeavesNothing) {
  ExpectNothingLeftBy(ResetMidReply, "echo", /*unsent_bytes=*/"[1-9][0-9]*");
}

}  // namespace
}  // namespace rondo
