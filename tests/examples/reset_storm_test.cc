// Ten thousand clients that go away by a reset, at each stage of a connection:
// the real servers keep no descriptor and no memory of them, and log nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
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

// What may come and go: pages of a stack, an arena's rest.
constexpr size_t kMemoryNoiseBytes = 300 << 10;

// Opens as many connections as it is told to, and resets them.
using Storm = absl::FunctionRef<void(ExampleServer& server, int connections)>;

// Two storms, each with half of the resets, leave the same behind: nothing but
// the memory that the first one made the process keep for its like.
void ExpectNothingLeftBy(Storm storm, const std::string& name) {
  ExampleServer server(name);
  const pid_t pid = server.process().pid();
  const size_t descriptors = CountDescriptors(pid);
  size_t memory_bytes[2];
  for (size_t& bytes : memory_bytes) {
    for (int done = 0; done < kResets / 2; done += kAtOnce) {
      storm(server, kAtOnce);
      if (testing::Test::HasFailure()) return;
    }
    ASSERT_TRUE(Eventually([&] {
      return CountDescriptors(pid) == descriptors;
    })) << CountDescriptors(pid)
        << " descriptors, not " << descriptors;
    bytes = ResidentBytes(pid);
  }
  if (!kSanitized) {  // they keep freed memory back
    EXPECT_LT(memory_bytes[1], memory_bytes[0] + kMemoryNoiseBytes);
  }
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, MatchesRegex(StoppedLine(name, {.drained = "0"})));
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
    ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: "));
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

// More than both kernels' buffers hold when the client's is small: when all of
// it is sent, much of the reply waits in the server.
void ResetMidReply(ExampleServer& server, int connections) {
  constexpr int kReceiveBufferBytes = 4'096;
  const std::string request(384 << 10, 'x');
  std::vector<ClientSocket> clients;
  for (int i = 0; i < connections; ++i) {
    clients.emplace_back(server.port(), kReceiveBufferBytes);
    ASSERT_TRUE(clients.back().Send(request));
  }
  for (ClientSocket& client : clients) client.Reset();
}

TEST(ResetStormTest, MidReplyLeavesNothing) {
  ExpectNothingLeftBy(ResetMidReply, "echo");
}

}  // namespace
}  // namespace rondo
