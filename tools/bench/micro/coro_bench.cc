// What coroutines cost: Rondo's tasks and Asio's awaitables.
//
//   bazel run -c opt //tools/bench/micro:coro_bench
//
// spawn     From Spawn() to the end of a task that does nothing, on the loop.
// await     A task that awaits one that does nothing.
// hop:N     N tasks that go from one loop's thread to another's and back, again
//           and again: ResumeOn(), and post() to a bound executor.
// ask:N     N tasks that have a task run on the other loop and await its
//           result: RunOn(), and co_spawn() with an awaitable completion.
//
// `each` is of one spawn, await, change of thread, or question. Expect less
// than 60 ns for a spawn, and ratios of CPU time of at most 1 for all. The time
// that a hundred take to move is longer than Asio's: a loop that has done its
// part sleeps sooner, and must be woken.

#define ASIO_STANDALONE 1

#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <asio/awaitable.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/thread.h"
#include "net/coro/resume_on.h"
#include "net/coro/run_on.h"
#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread.h"
#include "tools/bench/micro/ratio_main.h"

namespace rondo::bench {
namespace {

constexpr int kPerIteration = 10'000;
constexpr int kHops = 20'000;  // of all tasks together, there and back

void CountEach(benchmark::State& state, int64_t per_iteration) {
  state.counters["each"] =
      benchmark::Counter(static_cast<double>(per_iteration),
                         benchmark::Counter::kIsIterationInvariantRate |
                             benchmark::Counter::kInvert);
}

// Counts tasks that end, on whichever thread.
class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}
  void Down() {
    if (left_.fetch_sub(1) == 1) left_.notify_all();
  }
  void Wait() {
    for (int left = left_; left > 0; left = left_) left_.wait(left);
  }

 private:
  std::atomic<int> left_;
};

// Two loops that exchange tasks have a CPU each: left to itself the scheduler
// has them share one now and then, and the times have two modes.
constexpr int kCpuOfA = 0;
int CpuOfB() { return AvailableCpus() > 1 ? 1 : 0; }

// --- Rondo. ------------------------------------------------------------------

Task<> DoNothing(int& sum) {
  ++sum;
  co_return;
}

Task<int> One() { co_return 1; }

// Runs `f` in a callback of a loop.
template <typename F>
void OnALoop(F f) {
  auto loop = EventLoop::Create();
  CHECK(loop.ok()) << loop.status();
  (*loop)->QueueInLoop([&] {
    f(loop->get());
    (*loop)->Stop();
  });
  (*loop)->Run();
}

void RondoSpawn(benchmark::State& state) {
  OnALoop([&state](EventLoop* loop) {
    int sum = 0;
    for (auto _ : state) {
      for (int i = 0; i < kPerIteration; ++i) Spawn(loop, DoNothing(sum));
    }
    benchmark::DoNotOptimize(sum);
  });
  CountEach(state, kPerIteration);
}

Task<> AwaitOften(benchmark::State& state) {
  int sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < kPerIteration; ++i) sum += co_await One();
  }
  benchmark::DoNotOptimize(sum);
}

void RondoAwait(benchmark::State& state) {
  OnALoop([&state](EventLoop* loop) { Spawn(loop, AwaitOften(state)); });
  CountEach(state, kPerIteration);
}

Task<> Hop(EventLoop* a, EventLoop* b, int hops, Countdown& ends) {
  for (int i = 0; i < hops; ++i) {
    co_await ResumeOn(b);
    co_await ResumeOn(a);
  }
  ends.Down();
}

Task<> Question(EventLoop* other, int count, Countdown& ends) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += *co_await RunOn(other, One());
  CHECK_EQ(sum, count);
  ends.Down();
}

// `tasks` of which each does its part of kHops.
template <typename MakeTask>
void RondoBetween(benchmark::State& state, MakeTask make_task) {
  const int tasks = static_cast<int>(state.range(0));
  auto a = EventLoopThread::Start({.name = "a", .pin_to_cpu = kCpuOfA});
  auto b = EventLoopThread::Start({.name = "b", .pin_to_cpu = CpuOfB()});
  CHECK(a.ok() && b.ok());
  for (auto _ : state) {
    Countdown ends(tasks);
    for (int i = 0; i < tasks; ++i) {
      Spawn((*a)->loop(),
            make_task((*a)->loop(), (*b)->loop(), kHops / tasks, ends));
    }
    ends.Wait();
  }
}

void RondoHop(benchmark::State& state) {
  RondoBetween(state, Hop);
  CountEach(state, 2 * kHops);
}

void RondoAsk(benchmark::State& state) {
  RondoBetween(state, [](EventLoop*, EventLoop* b, int count, Countdown& ends) {
    return Question(b, count, ends);
  });
  CountEach(state, kHops);
}

// --- Asio. -------------------------------------------------------------------

asio::awaitable<void> AsioDoNothing(int& sum) {
  ++sum;
  co_return;
}

asio::awaitable<int> AsioOne() { co_return 1; }

void AsioSpawn(benchmark::State& state) {
  asio::io_context io(1);
  int sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < kPerIteration; ++i) {
      asio::co_spawn(io, AsioDoNothing(sum), asio::detached);
    }
    io.run();
    io.restart();
  }
  benchmark::DoNotOptimize(sum);
  CountEach(state, kPerIteration);
}

asio::awaitable<void> AsioAwaitOften(benchmark::State& state) {
  int sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < kPerIteration; ++i) sum += co_await AsioOne();
  }
  benchmark::DoNotOptimize(sum);
}

void AsioAwait(benchmark::State& state) {
  asio::io_context io(1);
  asio::co_spawn(io, AsioAwaitOften(state), asio::detached);
  io.run();
  CountEach(state, kPerIteration);
}

// An io_context that runs on a thread of its own. Something to listen for makes
// it sleep as a server's does, in epoll_wait(2).
class AsioLoop {
 public:
  explicit AsioLoop(int cpu) {
    acceptor_.async_wait(asio::ip::tcp::acceptor::wait_read,
                         [](const std::error_code&) {});
    thread_ = std::thread([this, cpu] {
      const absl::Status pinned = PinCurrentThread(cpu);
      CHECK(pinned.ok()) << pinned;
      io_.run();
    });
  }
  ~AsioLoop() {
    io_.stop();
    thread_.join();
  }
  asio::io_context& io() { return io_; }

 private:
  asio::io_context io_{1};
  asio::ip::tcp::acceptor acceptor_{
      io_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread_;
};

asio::awaitable<void> AsioHopTask(asio::io_context& a, asio::io_context& b,
                                  int hops, Countdown& ends) {
  for (int i = 0; i < hops; ++i) {
    co_await asio::post(
        asio::bind_executor(b.get_executor(), asio::use_awaitable));
    co_await asio::post(
        asio::bind_executor(a.get_executor(), asio::use_awaitable));
  }
  ends.Down();
}

asio::awaitable<void> AsioQuestion(asio::io_context&, asio::io_context& b,
                                   int count, Countdown& ends) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += co_await asio::co_spawn(b, AsioOne(), asio::use_awaitable);
  }
  CHECK_EQ(sum, count);
  ends.Down();
}

template <typename MakeTask>
void AsioBetween(benchmark::State& state, MakeTask make_task) {
  const int tasks = static_cast<int>(state.range(0));
  AsioLoop a(kCpuOfA);
  AsioLoop b(CpuOfB());
  for (auto _ : state) {
    Countdown ends(tasks);
    for (int i = 0; i < tasks; ++i) {
      asio::co_spawn(a.io(), make_task(a.io(), b.io(), kHops / tasks, ends),
                     asio::detached);
    }
    ends.Wait();
  }
}

void AsioHop(benchmark::State& state) {
  AsioBetween(state, AsioHopTask);
  CountEach(state, 2 * kHops);
}

void AsioAsk(benchmark::State& state) {
  AsioBetween(state, AsioQuestion);
  CountEach(state, kHops);
}

void RegisterBetween(const std::string& group, int tasks,
                     void (*rondo)(benchmark::State&),
                     void (*asio)(benchmark::State&)) {
  const std::string name = group + ":" + std::to_string(tasks);
  for (const auto& [contender, run] :
       {std::pair("/rondo", rondo), std::pair("/asio", asio)}) {
    benchmark::RegisterBenchmark((name + contender).c_str(), run)
        ->Arg(tasks)
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

void RegisterAll() {
  benchmark::RegisterBenchmark("spawn/rondo", RondoSpawn);
  benchmark::RegisterBenchmark("spawn/asio", AsioSpawn);
  benchmark::RegisterBenchmark("await/rondo", RondoAwait);
  benchmark::RegisterBenchmark("await/asio", AsioAwait);
  for (const int tasks : {1, 100}) {
    RegisterBetween("hop", tasks, RondoHop, AsioHop);
    RegisterBetween("ask", tasks, RondoAsk, AsioAsk);
  }
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  rondo::bench::RegisterAll();
  return rondo::bench::RatioMain(argc, argv);
}
