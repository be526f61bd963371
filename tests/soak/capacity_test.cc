// As many connections as the machine's descriptors allow, in one real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process_stats.h"
#include "tests/soak/connect_from.h"
#include "tests/soak/echo_crowd.h"
#include "tests/soak/figure.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

// Of the 20,000 descriptors that a process may open here.
constexpr size_t kConnections = 18'000;
constexpr size_t kKnocks = 200;

// What the server itself needs for each of them, without the kernel's share:
// the object, about half of this. A buffer that stays with a quiet connection
// would show.
constexpr double kMaxBytesPerConnection = 1'024;

// The caps are what is there, so that the next one is refused; no deadline may
// pass before a slow machine is through.
Flags ServerFlags() {
  return {absl::StrCat("--max_connections=", kConnections),
          absl::StrCat("--max_connections_per_ip=", kConnections),
          "--first_byte_timeout=1h", "--idle_timeout=1h",
          "--write_stall_timeout=1h"};
}

// Connects and hears an end, without a byte before it.
bool IsRefused(uint16_t port) {
  const UniqueFd fd = ConnectFrom(1, port);
  if (!fd.valid()) return errno == ECONNRESET;
  return HasEnded(fd);
}

void ExpectAllRight(const char* when, EchoCrowd& crowd, uint32_t round) {
  const absl::Time begin = absl::Now();
  const CrowdEcho echo = crowd.EchoAll(round);
  EXPECT_EQ(echo.right, crowd.size())
      << when << ": wrong " << echo.wrong << ", ended " << echo.ended
      << ", silent " << echo.silent;
  PrintFigure(when, echo.right, " echoes right, ", echo.bytes, " bytes, in ",
              absl::FormatDuration(absl::Now() - begin));
}

TEST(CapacityTest, EighteenThousandConnectionsEchoAndTheNextIsRefused) {
  AllowDescriptors(kConnections + 1'000);
  ExampleServer server("echo", ServerFlags());
  const pid_t pid = server.process().pid();
  const size_t descriptors = CountDescriptors(pid);
  const size_t resident = ResidentBytes(pid);
  {
    EchoCrowd crowd(server.port(), kConnections);
    ASSERT_EQ(crowd.size(), kConnections);
    ExpectAllRight("first round", crowd, 1);

    std::atomic<size_t> refused = 0;
    std::jthread knocking([&] {
      for (size_t i = 0; i < kKnocks; ++i) refused += IsRefused(server.port());
    });
    ExpectAllRight("second round, while others are refused", crowd, 2);
    knocking.join();
    EXPECT_EQ(refused, kKnocks);

    EXPECT_EQ(CountDescriptors(pid), descriptors + kConnections);
    const double each =
        static_cast<double>(ResidentBytes(pid) - resident) / kConnections;
    EXPECT_LT(each, kMaxBytesPerConnection);
    PrintFigure("connections held", crowd.size());
    PrintFigure("refused above the cap", refused.load(), " of ", kKnocks);
    PrintFigure("server's descriptors", CountDescriptors(pid), ", before ",
                descriptors);
    PrintFigure("server's resident memory", ResidentBytes(pid) / kMiB,
                " MiB, before ", resident / kMiB, " MiB: ", each,
                " bytes for each connection");
  }
  EXPECT_TRUE(Eventually([&] { return CountDescriptors(pid) == descriptors; }))
      << CountDescriptors(pid) << ", before " << descriptors;
}

// SIGTERM drains all of them: nobody is forced.
TEST(CapacityTest, EighteenThousandConnectionsDrain) {
  AllowDescriptors(kConnections + 1'000);
  ExampleServer server("echo", ServerFlags());
  EchoCrowd crowd(server.port(), kConnections);
  ASSERT_EQ(crowd.size(), kConnections);
  ExpectAllRight("before the end", crowd, 1);
  const absl::Time begin = absl::Now();
  const Ended& ended = server.Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  EXPECT_THAT(ended.errors, HasSubstr(absl::StrCat(kConnections,
                                                   " connections drained, 0 "
                                                   "forced, 0 bytes unsent")));
  PrintFigure("drain of all", absl::FormatDuration(absl::Now() - begin));
}

}  // namespace
}  // namespace rondo
