// What bare sockets and nc get from examples/offload.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/examples/client_socket.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

std::string Repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(OffloadTest, CountsPrimes) {
  const ExampleServer server("offload", {"--worker_threads=1"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("0\n1\n2\n3\n10\r\n100\n1000000\n"));
  for (const char* want :
       {"0 primes below 0", "0 primes below 1", "0 primes below 2",
        "1 primes below 3", "4 primes below 10", "25 primes below 100",
        "78498 primes below 1000000"}) {
    EXPECT_EQ(client.ReadLine(), want);  // one worker keeps the order
  }
}

TEST(OffloadTest, NcGetsPongAndThenPrimes) {
  const ExampleServer server("offload");
  Process nc({.argv = {"nc", "127.0.0.1", server.port_text()}});
  nc.Write("2000000\nping\n");
  EXPECT_EQ(nc.ReadLine(), "pong");
  EXPECT_EQ(nc.ReadLine(), "148933 primes below 2000000");
}

TEST(OffloadTest, NcThatEndsItsInputStillGetsItsAnswers) {
  const ExampleServer server("offload");
  const Ended nc = RunCommand({"nc", "-N", "127.0.0.1", server.port_text()},
                              "2000000\nping\n");
  EXPECT_EQ(nc.exit_code, 0) << nc.errors;
  EXPECT_EQ(nc.output, "pong\n148933 primes below 2000000\n");
}

TEST(OffloadTest, PingsWhileItsOwnConnectionWaits) {
  const ExampleServer server("offload", {"--threads=0", "--worker_threads=1"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("1000000\nping\r\n"));
  EXPECT_EQ(client.ReadLine(), "pong");
  EXPECT_EQ(client.ReadLine(), "78498 primes below 1000000");
}

// The loop that serves both would need minutes for the work, the worker too.
TEST(OffloadTest, PingsWhileAnotherConnectionWaits) {
  ExampleServer server("offload", {"--threads=0", "--worker_threads=1"});
  const int kNumbers = 500;
  ClientSocket busy(server.port());
  ASSERT_TRUE(busy.Send("ping\n" + Repeat("100000000\n", kNumbers)));
  ASSERT_EQ(busy.ReadLine(), "pong");  // so the numbers have come
  ClientSocket quick(server.port());
  ASSERT_TRUE(quick.Send("ping\n"));
  EXPECT_EQ(quick.ReadLine(), "pong");
  const std::string answers = busy.ReadAvailable();
  EXPECT_LT(std::count(answers.begin(), answers.end(), '\n'), kNumbers);
  server.process().Signal(SIGKILL);
  server.process().Wait();
}

TEST(OffloadTest, SaysBusyWhenTheQueueIsFull) {
  const ExampleServer server("offload",
                             {"--worker_threads=1", "--worker_queue_limit=1"});
  const int kNumbers = 10;
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(Repeat("2000000\n", kNumbers)));
  int busy = 0;
  int counted = 0;
  for (int i = 0; i < kNumbers; ++i) {
    const std::string line = client.ReadLine();
    if (line == "busy") ++busy;
    if (line == "148933 primes below 2000000") ++counted;
  }
  EXPECT_EQ(busy + counted, kNumbers);
  EXPECT_GE(busy, 1);
  EXPECT_GE(counted, 1);
  ASSERT_TRUE(client.Send("10\n"));  // there is room again
  EXPECT_EQ(client.ReadLine(), "4 primes below 10");
}

TEST(OffloadTest, ExplainsItselfToOtherLines) {
  const ExampleServer server("offload");
  ClientSocket client(server.port());
  for (const char* line : {"", "-1", "100000001", "99999999999999999999", "+5",
                           " 5", "5 ", "0x10", "1.5", "pong", "PING"}) {
    ASSERT_TRUE(client.Send(std::string(line) + "\n"));
    EXPECT_THAT(client.ReadLine(), StartsWith("send ping, or a number"))
        << line;
  }
  ASSERT_TRUE(client.Send("ping\n"));
  EXPECT_EQ(client.ReadLine(), "pong");
}

TEST(OffloadTest, ClosesOnALineWithoutEnd) {
  const ExampleServer server("offload");
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send(std::string(100, '1')));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("send ping, or a number"));
}

TEST(OffloadTest, ServesOnWhenAClientLeavesBeforeItsAnswer) {
  const ExampleServer server("offload", {"--worker_threads=1"});
  for (int i = 0; i < 20; ++i) {
    ClientSocket client(server.port());
    ASSERT_TRUE(client.Send("ping\n200000\n"));
    ASSERT_EQ(client.ReadLine(), "pong");  // so the number has come
    client.Reset();
  }
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("10\n"));  // after all the work in vain
  EXPECT_EQ(client.ReadLine(), "4 primes below 10");
}

TEST(OffloadTest, EndsWellWhileItWorks) {
  ExampleServer server("offload", {"--worker_threads=2"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("ping\n2000000\n2000000\n2000000\n"));
  ASSERT_EQ(client.ReadLine(), "pong");
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
}

// A thousand numbers are many minutes of work. Their client is owed the answers
// until the deadline, and then they are for nobody.
TEST(OffloadTest, EndsAtTheDeadlineWithoutWorkingOffItsQueue) {
  // Nothing, or the answer that came just then.
  constexpr char kDropped[] = "(0|29)";
  ExampleServer server("offload",
                       {"--worker_threads=1", "--drain_timeout=200ms"});
  ClientSocket client(server.port());
  ASSERT_TRUE(client.Send("ping\n" + Repeat("10000000\n", 1'000)));
  ASSERT_EQ(client.ReadLine(), "pong");
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 3) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors,
              MatchesRegex(StoppedLine(
                  "offload",
                  {.drained = "0", .forced = "1", .unsent_bytes = kDropped})));
}

}  // namespace
}  // namespace rondo
