// What the limits' flags do to the real servers' clients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int kSmallBufferBytes = 4'096;

// More than all buffers on the way hold.
std::string Flood() { return std::string(16 << 20, 'x'); }

std::string Echo(ClientSocket& client, const std::string& bytes) {
  client.Send(bytes);
  return client.Read(bytes.size());
}

// --- Deadlines. --------------------------------------------------------------

TEST(FirstByteTimeoutFlagTest, ClosesWhoSaysNothing) {
  const ExampleServer server("echo", {"--first_byte_timeout=1s"});
  ClientSocket talkative(server.port());
  EXPECT_EQ(Echo(talkative, "x"), "x");
  ClientSocket silent(server.port());
  EXPECT_THAT(silent.ReadToEnd(), IsEmpty());
  EXPECT_EQ(Echo(talkative, "y"), "y");
}

// Each byte moves the connection, so that it is not idle.
TEST(RequestTimeoutFlagTest, ClosesWhoTricklesItsRequest) {
  const ExampleServer server("sleep_server", {"--request_timeout=200ms"});
  ClientSocket client(server.port());
  while (!client.AtEnd()) {
    client.Send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // its pace
  }
}

TEST(IdleTimeoutFlagTest, ClosesWhoSaysNothingMore) {
  const ExampleServer server("echo", {"--idle_timeout=50ms"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("x"));
  EXPECT_EQ(client.ReadToEnd(), "x");
}

TEST(WriteStallTimeoutFlagTest, ClosesWhoDoesNotRead) {
  const ExampleServer server("echo", {"--write_stall_timeout=50ms"});
  ClientSocket client(server.port(), kSmallBufferBytes);
  EXPECT_FALSE(client.Send(Flood()));
}

TEST(MaxLifetimeFlagTest, ClosesWhoStaysLong) {
  const ExampleServer server("echo", {"--max_lifetime=50ms"});
  ClientSocket client(server.port());
  while (Echo(client, "x") == "x") {
  }
  EXPECT_THAT(client.ReadToEnd(), IsEmpty());
}

// --- Bytes. ------------------------------------------------------------------

TEST(MaxOutputBytesFlagTest, ClosesWhoLetsMoreWait) {
  const ExampleServer server(
      "echo", {"--low_water_mark_bytes=0", "--high_water_mark_bytes=1",
               "--max_output_bytes=1"});
  ClientSocket other(server.port());
  EXPECT_EQ(Echo(other, "x"), "x");
  ClientSocket client(server.port(), kSmallBufferBytes);
  EXPECT_FALSE(client.Send(Flood()));
  EXPECT_EQ(Echo(other, "y"), "y");
}

// It is not read while more waits, until it reads.
TEST(HighWaterMarkBytesFlagTest, LosesNothingOfWhatWaits) {
  const ExampleServer server(
      "echo", {"--low_water_mark_bytes=0", "--high_water_mark_bytes=0"});
  const std::string bytes(1 << 20, 'x');
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(bytes));
  EXPECT_EQ(client.Read(bytes.size()).size(), bytes.size());
}

TEST(MaxInputBytesFlagTest, ClosesWhoseRequestIsLonger) {
  const ExampleServer server("hello", {"--max_input_bytes=100"});
  ClientSocket brief(server.port());
  ASSERT_TRUE(brief.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(brief.ReadLine(), StartsWith("HTTP/1.1 200"));
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: " + std::string(200, 'x')));
  EXPECT_THAT(client.ReadToEnd(), IsEmpty());
}

TEST(MaxReadBytesPerTurnFlagTest, ServesByteByByte) {
  const ExampleServer server("echo", {"--max_read_bytes_per_turn=1"});
  ClientSocket client(server.port());
  EXPECT_EQ(Echo(client, "many bytes"), "many bytes");
}

TEST(MemoryBudgetBytesFlagTest, RefusesClientsWhileOneUsesItUp) {
  const ExampleServer server("echo", {"--memory_budget_bytes=4000000",
                                      "--high_water_mark_bytes=16777216"});
  const std::string flood = Flood();
  ClientSocket greedy(server.port(), kSmallBufferBytes);
  std::jthread sender([&] { EXPECT_TRUE(greedy.Send(flood)); });
  // Those that were admitted before are kept, and not read.
  std::vector<ClientSocket> others;
  EXPECT_TRUE(Eventually([&] {
    others.emplace_back(server.port());
    return std::ranges::any_of(others, &ClientSocket::AtEnd);
  }));
  EXPECT_EQ(greedy.Read(flood.size()).size(), flood.size());
  ClientSocket later(server.port());
  EXPECT_EQ(Echo(later, "x"), "x");
}

// --- Ends. -------------------------------------------------------------------

TEST(AllowHalfCloseFlagTest, KeepsTheConnectionAfterFin) {
  const ExampleServer server(
      "echo", {"--allow_half_close", "--idle_timeout=1h", "--threads=0"});
  ClientSocket half(server.port());
  EXPECT_EQ(Echo(half, "x"), "x");
  half.ShutdownWrite();
  ClientSocket later(server.port());
  EXPECT_EQ(Echo(later, "y"), "y");  // by the same loop, after the FIN
  EXPECT_FALSE(half.AtEnd());
}

TEST(AllowHalfCloseFlagTest, IsOffUnlessTold) {
  const ExampleServer server("echo");
  ClientSocket half(server.port());
  EXPECT_EQ(Echo(half, "x"), "x");
  half.ShutdownWrite();
  EXPECT_THAT(half.ReadToEnd(), IsEmpty());
}

}  // namespace
}  // namespace rondo
