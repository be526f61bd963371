// What it costs that a loop knows its lag and its stalls.
//
//   bazel run -c opt //tools/bench/micro:lag_bench
//
// timers    Running a timer that does nothing, a thousand in a turn: rondo with
//           the stall watch, unwatched without. The difference is one reading
//           of the coarse clock.
// tasks     The same for tasks that the loop's own thread has queued.
// record    Histogram::Record() of values of all sizes.
// snapshot  Histogram::TakeSnapshot() and one percentile of it.
// clock     Clock::Real(): the fine clock and the coarse one.
//
// `each` is of one operation. Expect one or two nanoseconds for a record, and
// four or five for a reading of the coarse clock, which is a third of a task
// that does nothing and less than a tenth of a timer.

#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "net/reactor/event_loop.h"
#include "tools/bench/micro/ratio_main.h"

namespace rondo::bench {
namespace {

constexpr int kPerTurn = 1'000;
constexpr int kTurns = 100;

void CountEach(benchmark::State& state, int64_t per_iteration) {
  state.counters["each"] =
      benchmark::Counter(static_cast<double>(per_iteration),
                         benchmark::Counter::kIsIterationInvariantRate |
                             benchmark::Counter::kInvert);
}

// Runs a loop for kTurns turns. In each, `arm` is called kPerTurn times; what
// it arms runs in the next.
template <typename Arm>
void RunTurns(absl::Duration stall_limit, Arm arm) {
  EventLoopOptions options;
  options.stall_limit = stall_limit;
  options.max_timers_per_turn = options.max_tasks_per_turn = 2 * kPerTurn;
  auto loop = EventLoop::Create(options);
  CHECK(loop.ok()) << loop.status();
  struct Turn {
    void operator()() const {
      if (*left == 0) return loop->Stop();
      --*left;
      for (int i = 0; i < kPerTurn; ++i) (*arm)(*loop);
      loop->QueueInLoop(*this);
    }
    EventLoop* loop;
    Arm* arm;
    int* left;
  };
  int left = kTurns;
  (*loop)->QueueInLoop(Turn{loop->get(), &arm, &left});
  (*loop)->Run();
}

void Timers(benchmark::State& state, absl::Duration stall_limit) {
  for (auto _ : state) {
    RunTurns(stall_limit, [](EventLoop& loop) {
      loop.RunAfter(absl::ZeroDuration(), [] {});
    });
  }
  CountEach(state, kTurns * kPerTurn);
}

void Tasks(benchmark::State& state, absl::Duration stall_limit) {
  for (auto _ : state) {
    RunTurns(stall_limit, [](EventLoop& loop) { loop.QueueInLoop([] {}); });
  }
  CountEach(state, kTurns * kPerTurn);
}

// As many as fill no more than a part of the first-level cache.
std::array<int64_t, 1'024> ValuesOfAllSizes() {
  std::array<int64_t, 1'024> values;
  std::minstd_rand random;
  for (int64_t& value : values) {
    value = static_cast<int64_t>(random()) >> random() % 31;
  }
  return values;
}

void Record(benchmark::State& state) {
  const auto values = ValuesOfAllSizes();
  Histogram histogram;
  for (auto _ : state) {
    for (const int64_t value : values) histogram.Record(value);
  }
  CountEach(state, static_cast<int64_t>(values.size()));
}

void Snapshot(benchmark::State& state) {
  Histogram histogram;
  for (const int64_t value : ValuesOfAllSizes()) histogram.Record(value);
  for (auto _ : state) {
    benchmark::DoNotOptimize(histogram.TakeSnapshot().ValueAtPercentile(99));
  }
  CountEach(state, 1);
}

void ReadClock(benchmark::State& state, MonotonicTime (Clock::*read)() const) {
  const Clock& clock = Clock::Real();
  for (auto _ : state) benchmark::DoNotOptimize((clock.*read)());
  CountEach(state, 1);
}

void RegisterAll() {
  const absl::Duration on = EventLoopOptions::kDefaultStallLimit;
  const absl::Duration off = absl::InfiniteDuration();
  benchmark::RegisterBenchmark("timers/rondo", Timers, on);
  benchmark::RegisterBenchmark("timers/unwatched", Timers, off);
  benchmark::RegisterBenchmark("tasks/rondo", Tasks, on);
  benchmark::RegisterBenchmark("tasks/unwatched", Tasks, off);
  benchmark::RegisterBenchmark("record", Record);
  benchmark::RegisterBenchmark("snapshot", Snapshot);
  benchmark::RegisterBenchmark("clock:fine", ReadClock, &Clock::Now);
  benchmark::RegisterBenchmark("clock:coarse", ReadClock, &Clock::CoarseNow);
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  rondo::bench::RegisterAll();
  return rondo::bench::RatioMain(argc, argv);
}
