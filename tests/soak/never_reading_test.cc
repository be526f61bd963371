// A thousand clients that never read what they ask for.
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process.h"
#include "tests/examples/process_stats.h"
#include "tests/soak/connect_from.h"
#include "tests/soak/figure.h"
#include "tests/soak/latency_probe.h"
#include "tests/testing/sockets.h"

namespace rondo {
namespace {

constexpr size_t kClients = 1'000;
constexpr size_t kFloodBytes = 100'000'000;  // for each of them
constexpr size_t kHighWaterMarkBytes = 256 * 1'024;
constexpr size_t kLowWaterMarkBytes = kHighWaterMarkBytes / 2;
constexpr size_t kMaxOutputBytes = 512 * 1'024;

// Of a connection that waits for its peer: the high mark, the chunk that went
// above it, the object, and what malloc() rounds up.
constexpr size_t kPressedBytes = kHighWaterMarkBytes * 5 / 4;
static_assert(kPressedBytes < kMaxOutputBytes);

constexpr int kRounds = 7;
constexpr absl::Duration kPhase = absl::Seconds(3);  // 15,000 echoes
constexpr double kMaxRatio = 2;

// The peak of the resident memory; see proc(5), status.
size_t PeakResidentBytes(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  size_t kilobytes = 0;
  while (status >> word && word != "VmHWM:") {
  }
  status >> kilobytes;
  return kilobytes * 1'024;
}

// flood_server, running.
class FloodServer {
 public:
  explicit FloodServer(Flags flags) : process_(Command(std::move(flags))) {
    const std::string line = process_.ReadLine();
    int port = 0;
    EXPECT_TRUE(line.starts_with("port ") &&
                absl::SimpleAtoi(line.substr(5), &port))
        << line;
    port_ = static_cast<uint16_t>(port);
    resident_bytes_ = ResidentBytes(pid());
    descriptors_ = CountDescriptors(pid());
  }

  pid_t pid() const { return process_.pid(); }
  uint16_t port() const { return port_; }
  // When it had no connection yet.
  size_t first_resident_bytes() const { return resident_bytes_; }
  size_t OpenConnections() const {
    return CountDescriptors(pid()) - descriptors_;
  }

  // Ends it. How many connections it closed for what waited in them.
  int Stop() {
    process_.Signal(SIGTERM);
    const std::string line = process_.ReadLine();
    const Ended& ended = process_.Wait();
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
    int closed = -1;
    EXPECT_TRUE(absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &closed))
        << line;
    return closed;
  }

 private:
  static Process::Options Command(Flags flags) {
    const char* const runfiles = getenv("TEST_SRCDIR");
    const char* const workspace = getenv("TEST_WORKSPACE");
    EXPECT_TRUE(runfiles != nullptr && workspace != nullptr) << "not in Bazel";
    flags.insert(
        flags.begin(),
        {absl::StrCat(runfiles, "/", workspace, "/tests/soak/flood_server"),
         absl::StrCat("--flood_bytes=", kFloodBytes),
         absl::StrCat("--high_water_mark_bytes=", kHighWaterMarkBytes),
         absl::StrCat("--max_output_bytes=", kMaxOutputBytes)});
    return {.argv = std::move(flags)};
  }

  Process process_;
  uint16_t port_ = 0;
  size_t resident_bytes_ = 0;
  size_t descriptors_ = 0;
};

// Asks for the flood. With the kernel's buffers of a client on the Internet:
// over loopback those of a thousand connections would be gigabytes, and it is
// not the kernel's memory that is tested.
UniqueFd AskForFlood(uint16_t port) {
  UniqueFd fd = ConnectFrom(
      2, port,
      {.max_segment_bytes = 1'448, .receive_buffer_bytes = 16 * 1'024});
  PCHECK(fd.valid());
  PCHECK(send(fd.get(), "flood", 5, MSG_NOSIGNAL) == 5);
  return fd;
}

// `interval` apart, which sets the pace of the load.
std::vector<UniqueFd> AskForFloods(uint16_t port, size_t count,
                                   absl::Duration interval) {
  std::vector<UniqueFd> result;
  for (size_t i = 0; i < count; ++i) {
    result.push_back(AskForFlood(port));
    absl::SleepFor(interval);
  }
  return result;
}

// Each connection took no more than `cap_bytes`, on the average.
void ExpectPeakUnder(const FloodServer& server, size_t cap_bytes) {
  const size_t used =
      PeakResidentBytes(server.pid()) - server.first_resident_bytes();
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

Round MeasureRound(const FloodServer& server, LatencyProbe& probe) {
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
  FloodServer server({});
  {
    LatencyProbe probe(server.port());
    probe.MeasureFor(kPhase);  // warms up
    std::vector<double> during;
    std::vector<double> after;
    for (int i = 0; i < kRounds; ++i) {
      const Round round = MeasureRound(server, probe);
      during.push_back(round.during / round.without);
      after.push_back(round.after / round.without);
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
  FloodServer server({"--heedless"});
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
  FloodServer server({});
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
