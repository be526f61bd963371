// A thousand clients that never read what they ask for.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/examples/process_stats.h"
#include "tests/soak/connect_from.h"
#include "tests/soak/figure.h"
#include "tests/soak/first_in_line.h"
#include "tests/soak/flood_process.h"
#include "tests/soak/latency_probe.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr size_t kClients = 1'000;
constexpr size_t kFloodBytes = 100'000'000;  // for each of them
constexpr size_t kHighWaterMarkBytes = 256 * 1'024;
constexpr size_t kLowWaterMarkBytes = kHighWaterMarkBytes / 2;
constexpr size_t kMaxOutputBytes = 512 * 1'024;

constexpr FloodProcess::Options kOptions = {
    .flood_bytes = kFloodBytes,
    .high_water_mark_bytes = kHighWaterMarkBytes,
    .max_output_bytes = kMaxOutputBytes};

// Of a connection that waits for its peer: the high mark, the chunk that went
// above it, the object, and what malloc() rounds up.
constexpr size_t kPressedBytes = kHighWaterMarkBytes * 3 / 2;
static_assert(kPressedBytes < kMaxOutputBytes);

constexpr int kRounds = 7;
constexpr absl::Duration kPhase = absl::Seconds(3);  // 15,000 echoes
constexpr double kMaxRatio = 2;

// Asks for the flood. With the kernel's buffers of a client on the Internet:
// over loopback those of a thousand such connections have taken 1.5 GB, where
// the kernel begins to save (tcp_mem), and its memory is not what is tested.
UniqueFd AskForFlood(uint16_t port) {
  UniqueFd fd = ConnectFrom(
      2, port,
      {.max_segment_bytes = 1'448, .receive_buffer_bytes = 16 * 1'024});
  if (!fd.valid() || send(fd.get(), "flood", 5, MSG_NOSIGNAL) != 5) {
    ADD_FAILURE() << "cannot ask: " << std::strerror(errno);
  }
  return fd;
}

// `interval` apart, which sets the pace of the load.
std::vector<UniqueFd> AskForFloods(uint16_t port, size_t count,
                                   absl::Duration interval) {
  std::vector<UniqueFd> result;
  for (size_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    result.push_back(AskForFlood(port));
    absl::SleepFor(interval);
  }
  return result;
}

// Each connection took no more than `cap_bytes`, on the average.
void ExpectPeakUnder(const FloodProcess& server, size_t cap_bytes) {
  const size_t used =
      server.PeakResidentBytes() - server.first_resident_bytes();
  EXPECT_LT(used, kClients * cap_bytes);
  PrintFigure("peak of the resident memory that the connections took",
              used / kMiB, " MiB; bound ", kClients * cap_bytes / kMiB,
              " MiB; sum of the caps ", kClients * kMaxOutputBytes / kMiB,
              " MiB");
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + values.size() / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

double P99Microseconds(const Histogram::Snapshot& latency) {
  return latency.ValueAtPercentile(99) / 1e3;
}

// The p99 of one round, in microseconds.
struct Round {
  double without = 0;
  double during = 0;  // clients come, and each is sent what it does not read
  double after = 0;   // all of them are there and the server waits for them
};

Round MeasureRound(const FloodProcess& server, LatencyProbe& probe) {
  Round round;
  round.without = P99Microseconds(probe.MeasureFor(kPhase));
  std::vector<UniqueFd> clients;
  std::atomic<bool> coming = true;
  std::jthread thread([&] {
    clients = AskForFloods(server.port(), kClients, kPhase / kClients);
    coming = false;
  });
  round.during =
      P99Microseconds(probe.MeasureWhile([&] { return coming.load(); }));
  thread.join();
  const size_t held = ResidentBytes(server.pid());
  round.after = P99Microseconds(probe.MeasureFor(kPhase));
  // As full as can be, that is, above the low mark: what was queued up to the
  // high one, the kernel has taken some of since.
  EXPECT_GT(held, kClients * kLowWaterMarkBytes);
  EXPECT_EQ(server.OpenConnections(), kClients + 1);
  PrintFigure("p99 in us", round.without, " without them, ", round.during,
              " while they come, ", round.after, " while they are there");
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return server.OpenConnections() == 1; }));
  return round;
}

// The promise of issue 3: "another client's p99 within 2 times its value
// without them". Other load on the machine hits some rounds: hence the median.
TEST(NeverReadingTest, CostOthersLittle) {
  AllowDescriptors(2 * kClients);
  const FirstInLine first;
  PrintFigure("before other programs", first.allowed() ? "yes" : "no");
  FloodProcess server(kOptions);
  {
    LatencyProbe probe(server.port());
    probe.MeasureFor(kPhase);  // warms up
    std::vector<double> during;
    std::vector<double> after;
    for (int i = 0; i < kRounds; ++i) {
      const Round round = MeasureRound(server, probe);
      during.push_back(round.during / round.without);
      after.push_back(round.after / round.without);
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    EXPECT_LE(Median(during), kMaxRatio);
    EXPECT_LE(Median(after), kMaxRatio);
    PrintFigure("p99 with them / without, median of the rounds", Median(during),
                " while they come, ", Median(after), " while they are there");
  }
  ExpectPeakUnder(server, kPressedBytes);
  EXPECT_EQ(server.Stop(), 0);
}

// All at once, to a server that does not care. Both loops have their hands full
// until the last is closed, so the latency meanwhile is told and not judged.
TEST(NeverReadingTest, AreClosedAtTheCapByAServerThatSendsAllTheSame) {
  AllowDescriptors(2 * kClients);
  FloodProcess::Options options = kOptions;
  options.heedless = true;
  FloodProcess server(options);
  {
    LatencyProbe probe(server.port());
    std::vector<UniqueFd> clients;
    std::atomic<bool> coming = true;
    std::jthread thread([&] {
      clients = AskForFloods(server.port(), kClients, absl::ZeroDuration());
      coming = false;
    });
    const Histogram::Snapshot latency = probe.MeasureWhile(
        [&] { return coming || server.OpenConnections() > 1; });
    thread.join();
    PrintFigure("p99 in us until the last is closed", P99Microseconds(latency),
                " of ", latency.count(), " echoes");
  }
  ExpectPeakUnder(server, kMaxOutputBytes);
  EXPECT_EQ(server.Stop(), kClients);
}

// The flood is real: who reads gets all of it, also beside the thousand.
TEST(NeverReadingTest, DoNotKeepFromOthersWhatTheyRead) {
  AllowDescriptors(2 * kClients);
  FloodProcess server(kOptions);
  std::vector<UniqueFd> clients =
      AskForFloods(server.port(), kClients, absl::ZeroDuration());
  const absl::Time begin = absl::Now();
  const UniqueFd reader = AskForFlood(server.port());
  std::string block(256 * 1'024, '\0');
  size_t received = 0;
  while (received < kFloodBytes) {
    const ssize_t n = recv(reader.get(), block.data(), block.size(), 0);
    if (n <= 0) break;
    ASSERT_EQ(std::count(block.begin(), block.begin() + n, 'f'), n);
    received += n;
  }
  EXPECT_EQ(received, kFloodBytes);
  PrintFigure("time to send 100 MB to one who reads",
              absl::FormatDuration(absl::Now() - begin));
  EXPECT_EQ(server.OpenConnections(), kClients + 1);
  ExpectPeakUnder(server, kPressedBytes);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace rondo
