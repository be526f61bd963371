// Tasks posted to a running loop from 1, 2 and 4 other threads: Rondo's
// EventLoop::QueueInLoop() and Asio's post(). (libevent has no queue of tasks.)
//
//   bazel run -c opt //tools/bench/micro:post_bench
//
// One iteration is a million posts, shared among the producers, from the moment
// when all of them stand ready to the end of the last task on the loop's
// thread. A task captures two pointers and counts itself. Nobody is throttled:
// whoever posts faster than the loop runs lets the queue grow. `window` is the
// same with each producer stopping while 1,024 of its posts are yet to run, as
// back-pressure would have it.
//
// `posts` is per second. Expect twice Asio's or more, that is, ratios of at
// most 0.50; with more threads than CPUs the figures scatter.

#define ASIO_STANDALONE 1

#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/reactor/event_loop.h"
#include "tools/bench/micro/ratio_main.h"

namespace rondo::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int64_t kPosts = 1'000'000;
constexpr int64_t kWindow = 1'024;

// The contenders: a loop that runs on a thread of its own.

class RondoLoop {
 public:
  RondoLoop() {
    auto loop = EventLoop::Create();
    CHECK(loop.ok()) << loop.status();
    loop_ = *std::move(loop);
    thread_ = std::thread([this] { loop_->Run(); });
  }
  ~RondoLoop() {
    loop_->Stop();
    thread_.join();
  }

  template <typename F>
  void Post(F f) {
    loop_->QueueInLoop(std::move(f));
  }

 private:
  std::unique_ptr<EventLoop> loop_;
  std::thread thread_;
};

class AsioLoop {
 public:
  AsioLoop() : thread_([this] { io_.run(); }) {}
  ~AsioLoop() {
    work_.reset();
    thread_.join();
  }

  template <typename F>
  void Post(F f) {
    asio::post(io_, std::move(f));
  }

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::thread thread_;  // last: it uses the rest
};

// What the tasks of one round count. Written by the loop's thread.
struct Round {
  int64_t left = kPosts;
  SteadyClock::time_point start;  // by the last producer to be ready
  SteadyClock::time_point end;
  std::atomic<bool> ended{false};

  void CountTask() {
    if (--left > 0) return;
    end = SteadyClock::now();
    ended.store(true, std::memory_order_release);
    ended.notify_one();
  }
};

// Counts in one producer, in a cache line of its own. Only the loop writes it.
struct alignas(64) Progress {
  std::atomic<int64_t> ran{0};

  void CountTask() {
    ran.store(ran.load(std::memory_order_relaxed) + 1,
              std::memory_order_relaxed);
  }
};

template <typename Loop>
void Produce(Loop& loop, Round& round, int64_t posts, int64_t window) {
  Progress progress;
  for (int64_t i = 0; i < posts; ++i) {
    while (i - progress.ran.load(std::memory_order_relaxed) >= window) {
      std::this_thread::yield();
    }
    loop.Post([round = &round, progress = &progress] {
      progress->CountTask();
      round->CountTask();
    });
  }
  round.ended.wait(false, std::memory_order_acquire);
}

template <typename Loop>
double TimeOneRound(Loop& loop, int producers, int64_t window) {
  Round round;
  std::barrier ready(producers,
                     [&round]() noexcept { round.start = SteadyClock::now(); });
  std::vector<std::thread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&loop, &round, &ready, producers, window] {
      ready.arrive_and_wait();
      Produce(loop, round, kPosts / producers, window);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return std::chrono::duration<double>(round.end - round.start).count();
}

template <typename Loop>
void Post(benchmark::State& state, int producers, int64_t window) {
  Loop loop;
  for (auto _ : state) {
    state.SetIterationTime(TimeOneRound(loop, producers, window));
  }
  state.SetItemsProcessed(state.iterations() * kPosts);
}

template <typename Loop>
void Register(const std::string& group, const char* contender, int producers,
              int64_t window) {
  const std::string name = group + std::to_string(producers) + "/" + contender;
  benchmark::RegisterBenchmark(name.c_str(), Post<Loop>, producers, window)
      ->UseManualTime()
      ->Iterations(5)
      ->Unit(benchmark::kMillisecond);
}

void RegisterAll() {
  for (const int producers : {1, 2, 4}) {
    Register<RondoLoop>("post:", "rondo", producers, kPosts);
    Register<AsioLoop>("post:", "asio", producers, kPosts);
  }
  for (const int producers : {1, 2, 4}) {
    Register<RondoLoop>("window:", "rondo", producers, kWindow);
    Register<AsioLoop>("window:", "asio", producers, kWindow);
  }
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  rondo::bench::RegisterAll();
  return rondo::bench::RatioMain(argc, argv);
}
