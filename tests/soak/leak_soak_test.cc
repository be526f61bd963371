// Minutes of everything that clients do, mixed at random: the servers keep
// nothing of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/examples/example_process.h"
#include "tests/examples/process_stats.h"
#include "tests/soak/figure.h"
#include "tests/soak/load_client.h"
#include "tests/soak/trend.h"
#include "tests/testing/seed.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

constexpr int kClients = 12;
// Some 16,000 connections a minute end at each server, so that 32 bytes of each
// that stay would show. The slope has been a few hundredths.
constexpr double kMaxMiBPerMinute = 0.5;

// What a client does between two connections: 12 of them at up to 15 ms leave
// the machine, and the ports that wait in TIME_WAIT, some room.
constexpr int kMaxPauseMicroseconds = 15'000;

absl::Duration SoakTime() {
  const char* const given = std::getenv("RONDO_SOAK_SECONDS");
  int seconds = 120;
  if (given != nullptr && !absl::SimpleAtoi(given, &seconds)) {
    ADD_FAILURE() << "RONDO_SOAK_SECONDS=" << given;
  }
  return absl::Seconds(seconds);
}

// Clients on threads of their own, until it is told to finish.
class MixedLoad {
 public:
  MixedLoad(LoadClient::Servers servers, uint32_t seed) {
    for (int i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<LoadClient>(servers, seed + i));
      threads_.emplace_back([this, i] { Run(*clients_[i], i); });
    }
  }
  ~MixedLoad() { finishing_ = true; }

  LoadOutcome Finish() {
    finishing_ = true;
    threads_.clear();
    LoadOutcome result;
    for (const auto& client : clients_) result.Add(client->outcome());
    return result;
  }

 private:
  void Run(LoadClient& client, uint32_t seed) {
    std::minstd_rand random(seed);
    while (!finishing_) {
      client.RunOne();
      absl::SleepFor(absl::Microseconds(random() % kMaxPauseMicroseconds));
    }
  }

  std::atomic<bool> finishing_ = false;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::vector<std::jthread> threads_;  // last: they use the rest
};

// A server under the load, and what it holds.
class SoakedServer {
 public:
  explicit SoakedServer(std::string name, Flags flags = {})
      : name_(std::move(name)),
        server_(name_, std::move(flags)),
        descriptors_(CountDescriptors(pid())) {}

  uint16_t port() const { return server_.port(); }

  void Sample(absl::Duration since_begin) {
    const double mib = ResidentBytes(pid()) / kMiB;
    trend_.Add(absl::ToDoubleMinutes(since_begin), mib);
    least_ = trend_.size() == 1 ? mib : std::min(least_, mib);
    most_ = std::max(most_, mib);
  }

  void ExpectNothingKept() {
    EXPECT_LT(trend_.Slope(), kMaxMiBPerMinute) << name_;
    EXPECT_TRUE(Eventually([&] { return Descriptors() == descriptors_; }))
        << name_ << " has " << Descriptors() << " descriptors, before "
        << descriptors_;
    PrintFigure(name_.c_str(), "resident memory ", least_, " to ", most_,
                " MiB, slope ", trend_.Slope(), " MiB a minute of ",
                trend_.size(), " samples");
    PrintFigure(name_.c_str(), "descriptors at the end ", Descriptors(),
                ", at the beginning ", descriptors_);
  }

  // Nobody is connected any more.
  void ExpectDrains() {
    const Ended& ended = server_.Stop();
    EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
    EXPECT_THAT(ended.errors, HasSubstr(" 0 forced"));
  }

 private:
  pid_t pid() { return server_.process().pid(); }
  size_t Descriptors() { return CountDescriptors(pid()); }

  const std::string name_;
  ExampleServer server_;
  const size_t descriptors_;  // before the load
  Trend trend_;
  double least_ = 0;
  double most_ = 0;
};

void PrintOutcome(const LoadOutcome& load) {
  PrintFigure("connections", "talked ", load.talks, ", half closed ",
              load.half_closes, ", reset ", load.resets, ", read slowly ",
              load.slow_reads, ", offloaded ", load.offloads,
              ", abandoned work ", load.abandoned);
  PrintFigure("reply bytes checked", load.checked_bytes, ", answers busy ",
              load.busy);
}

void ExpectOfEachKind(const LoadOutcome& load) {
  EXPECT_GT(load.talks, 0u);
  EXPECT_GT(load.half_closes, 0u);
  EXPECT_GT(load.resets, 0u);
  EXPECT_GT(load.slow_reads, 0u);
  EXPECT_GT(load.offloads, 0u);
  EXPECT_GT(load.abandoned, 0u);
}

TEST(TrendTest, FindsTheSlopeOfALine) {
  Trend trend;
  EXPECT_EQ(trend.Slope(), 0);
  for (int i = 0; i < 10; ++i) trend.Add(i, 3 + 2 * i + (i % 2 == 0 ? 1 : -1));
  EXPECT_NEAR(trend.Slope(), 2, 0.2);
}

TEST(LeakSoakTest, MixedLoadLeavesMemoryAndDescriptorsFlat) {
  SoakedServer echo("echo", {"--low_water_mark_bytes=65536",
                             "--high_water_mark_bytes=131072"});
  SoakedServer offload("offload", {"--worker_queue_limit=64"});
  const absl::Duration soak = SoakTime();
  const uint32_t seed = ChooseSeed();
  MixedLoad load({.echo_port = echo.port(), .offload_port = offload.port()},
                 seed);
  const absl::Time begin = absl::Now();
  while (absl::Now() - begin < soak) {
    absl::SleepFor(absl::Seconds(1));
    // The first third warms up: malloc's arenas grow to what the load needs.
    const absl::Duration passed = absl::Now() - begin;
    if (passed < soak / 3) continue;
    echo.Sample(passed);
    offload.Sample(passed);
  }
  const LoadOutcome outcome = load.Finish();
  EXPECT_EQ(outcome.faults, 0u) << outcome.first_fault;
  ExpectOfEachKind(outcome);
  PrintOutcome(outcome);
  echo.ExpectNothingKept();
  offload.ExpectNothingKept();
  echo.ExpectDrains();
  offload.ExpectDrains();
}

}  // namespace
}  // namespace rondo
