// Timers with a million pending: Rondo's, libevent's and Asio's.
//
//   bazel run -c opt //tools/bench/micro:timer_bench
//
// random   Deadlines at random; timers cancelled at random and armed anew.
//          Nothing is in the cache: the worst case.
// idle     A constant timeout, so that deadlines come in order; timers
//          cancelled at random and armed anew. A server's idle connections.
// request  A constant timeout, and each timer cancelled soon after it was
//          armed. A server's requests, on top of a million idle connections.
// due      A million timers with random deadlines run; none is cancelled.
//
// One iteration of the first three is 1,000 adds and 1,000 cancels, timed
// apart: `add` and `cancel` are of one operation, and the Time column, read in
// nanoseconds, is of one pair. Expect Rondo's pair well under 0.6 of libevent's
// where memory decides (random, idle), and about as long where all is in the
// cache (request): Rondo takes and destroys a callback for each timer, libevent
// keeps one for good.
//
// Times are CPU time, so that other programs count for little. All run on the
// loop's thread inside a callback, where each library's clock is
// cached. In favour of the others: libevent's events are assigned beforehand,
// without locks, with its default (coarse, cheaper) clock; Asio's timers get
// absolute deadlines, which saves them a clock call, and a concrete executor.
// Asio's cancel posts a completion; running it, once for 1,000, belongs to the
// cancel.
// libevent_common is libevent's opt-in list for timeouts of one length.

#define ASIO_STANDALONE 1

#include <benchmark/benchmark.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <glog/logging.h>
#include <time.h>

#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/timer_id.h"
#include "tools/bench/micro/ratio_main.h"

namespace rondo::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kPending = 1'000'000;
constexpr size_t kBatch = 1'000;
constexpr int64_t kTimeoutUs = 3'600'000'000;

// What to do on the loop's thread, and the timers that have yet to run.
struct Script {
  absl::AnyInvocable<void()> start;
  absl::AnyInvocable<void()> all_ran;
  size_t to_run = kPending;

  void OnTimer() {
    if (--to_run == 0) all_ran();
  }
};

// The contenders: timers by index, on a loop that runs `script.start` first.

class RondoTimers {
 public:
  using Delay = absl::Duration;
  static Delay ToDelay(int64_t us) { return absl::Microseconds(us); }

  RondoTimers(size_t count, Script& script) : script_(script), ids_(count) {
    auto loop = EventLoop::Create();
    CHECK(loop.ok()) << loop.status();
    loop_ = *std::move(loop);
  }

  void Run() {
    loop_->QueueInLoop([this] { script_.start(); });
    loop_->Run();
  }
  void Stop() { loop_->Stop(); }

  void Arm(size_t i, Delay delay) {
    ids_[i] =
        loop_->RunAfter(delay, [script = &script_] { script->OnTimer(); });
  }
  void Cancel(size_t i) { loop_->Cancel(ids_[i]); }
  void EndBatch() {}

 private:
  Script& script_;
  std::vector<TimerId> ids_;
  std::unique_ptr<EventLoop> loop_;
};

class LibeventTimers {
 public:
  using Delay = timeval;
  static Delay ToDelay(int64_t us) {
    return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
  }

  LibeventTimers(size_t count, Script& script)
      : script_(script),
        events_(count),
        base_(event_base_new(), event_base_free) {
    CHECK(base_ != nullptr);
    for (event& e : events_) {
      evtimer_assign(&e, base_.get(), RunOnTimer, &script_);
    }
  }

  void Run() {
    CHECK_EQ(event_base_once(base_.get(), -1, EV_TIMEOUT, RunStart, &script_,
                             nullptr),
             0);
    event_base_dispatch(base_.get());
  }
  void Stop() { event_base_loopbreak(base_.get()); }

  void Arm(size_t i, const Delay& delay) { evtimer_add(&events_[i], &delay); }
  void Cancel(size_t i) { evtimer_del(&events_[i]); }
  void EndBatch() {}

 protected:
  static void RunStart(evutil_socket_t, short, void* script) {
    static_cast<Script*>(script)->start();
  }
  static void RunOnTimer(evutil_socket_t, short, void* script) {
    static_cast<Script*>(script)->OnTimer();
  }

  Script& script_;
  std::vector<event> events_;  // before the base, whose end visits them
  std::unique_ptr<event_base, void (*)(event_base*)> base_;
};

// Only fit for timeouts that are all the same.
class LibeventCommonTimers : public LibeventTimers {
 public:
  LibeventCommonTimers(size_t count, Script& script)
      : LibeventTimers(count, script) {
    const timeval timeout = {.tv_sec = kTimeoutUs / 1'000'000, .tv_usec = 0};
    common_ = event_base_init_common_timeout(base_.get(), &timeout);
    CHECK(common_ != nullptr);
  }

  void Arm(size_t i, const Delay&) { evtimer_add(&events_[i], common_); }

 private:
  const timeval* common_;
};

class AsioTimers {
 public:
  using Delay = SteadyClock::duration;
  static Delay ToDelay(int64_t us) { return std::chrono::microseconds(us); }

  AsioTimers(size_t count, Script& script) : script_(script) {
    timers_.reserve(count);
    for (size_t i = 0; i < count; ++i) timers_.emplace_back(io_);
  }

  void Run() {
    asio::post(io_, [this] { script_.start(); });
    io_.run();
  }
  void Stop() { io_.stop(); }

  void Arm(size_t i, Delay delay) {
    timers_[i].expires_at(now_ + delay);
    timers_[i].async_wait([script = &script_](const std::error_code& error) {
      if (!error) script->OnTimer();
    });
  }
  void Cancel(size_t i) { timers_[i].cancel(); }
  void EndBatch() { io_.poll(); }

 private:
  using Timer =
      asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>,
                                 asio::io_context::executor_type>;

  Script& script_;
  const SteadyClock::time_point now_ = SteadyClock::now();
  asio::io_context io_{1};  // "1": only one thread runs it
  std::vector<Timer> timers_;
};

// The workloads: which timer is cancelled and armed, and for when.

class RandomWorkload {
 public:
  // Random timers are cancelled, then the same are armed again.
  static constexpr bool kCancelFirst = true;

  int64_t DelayUs() { return kTimeoutUs + Below(kTimeoutUs); }

  // The next batch of timers: no two the same.
  void Choose(std::vector<uint32_t>& chosen) {
    for (size_t i = 0; i < kBatch; ++i) {
      std::swap(order_[i], order_[i + Below(kPending - i)]);
      chosen[i] = order_[i];
    }
  }

 private:
  int64_t Below(int64_t limit) {
    return std::uniform_int_distribution<int64_t>(0, limit - 1)(random_);
  }

  std::vector<uint32_t> order_ = [] {
    std::vector<uint32_t> order(kPending);
    for (uint32_t i = 0; i < kPending; ++i) order[i] = i;
    return order;
  }();
  std::minstd_rand random_;
};

class IdleWorkload : public RandomWorkload {
 public:
  int64_t DelayUs() { return kTimeoutUs + count_++ / kPerTurn; }

 private:
  // now() stands still here, so the delay grows instead; by as little as to
  // keep to libevent's resolution, but not for each: in a loop, what one turn
  // arms has one deadline.
  static constexpr int64_t kPerTurn = 8;
  int64_t count_ = 0;
};

class RequestWorkload : public IdleWorkload {
 public:
  // Spare timers are armed, then cancelled.
  static constexpr bool kCancelFirst = false;

  void Choose(std::vector<uint32_t>& chosen) {
    for (size_t i = 0; i < kBatch; ++i) chosen[i] = kPending + i;
  }
};

// Seconds that this thread has had a CPU.
double CpuTime() {
  timespec ts;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return static_cast<double>(ts.tv_sec) +
         1e-9 * static_cast<double>(ts.tv_nsec);
}

template <typename Timers>
double ArmAll(Timers& timers, const std::vector<uint32_t>& chosen,
              const std::vector<typename Timers::Delay>& delays) {
  const double start = CpuTime();
  for (size_t i = 0; i < kBatch; ++i) timers.Arm(chosen[i], delays[i]);
  return CpuTime() - start;
}

template <typename Timers>
double CancelAll(Timers& timers, const std::vector<uint32_t>& chosen) {
  const double start = CpuTime();
  for (size_t i = 0; i < kBatch; ++i) timers.Cancel(chosen[i]);
  timers.EndBatch();
  return CpuTime() - start;
}

template <typename Timers, typename Workload>
void AddAndCancelInLoop(benchmark::State& state, Timers& timers) {
  Workload workload;
  for (size_t i = 0; i < kPending; ++i) {
    timers.Arm(i, Timers::ToDelay(workload.DelayUs()));
  }
  std::vector<uint32_t> chosen(kBatch);
  std::vector<typename Timers::Delay> delays(kBatch);
  double add = 0;
  double cancel = 0;
  for (auto _ : state) {
    workload.Choose(chosen);
    for (auto& delay : delays) delay = Timers::ToDelay(workload.DelayUs());
    const double before = add + cancel;
    if (Workload::kCancelFirst) cancel += CancelAll(timers, chosen);
    add += ArmAll(timers, chosen, delays);
    if (!Workload::kCancelFirst) cancel += CancelAll(timers, chosen);
    state.SetIterationTime(add + cancel - before);
  }
  const double count = static_cast<double>(state.iterations() * kBatch);
  state.counters["add"] = add / count;
  state.counters["cancel"] = cancel / count;
}

template <typename Timers, typename Workload>
void AddAndCancel(benchmark::State& state) {
  Script script;
  Timers timers(kPending + kBatch, script);
  script.start = [&] {
    AddAndCancelInLoop<Timers, Workload>(state, timers);
    timers.Stop();
  };
  timers.Run();
}

// Arms the timers for the second that begins a second from now, and waits for
// its end.
template <typename Timers>
void LetAllFallDue(Timers& timers) {
  const SteadyClock::time_point now = SteadyClock::now();
  std::minstd_rand random;
  std::uniform_int_distribution<int64_t> delay_us(1'000'000, 1'999'999);
  for (size_t i = 0; i < kPending; ++i) {
    timers.Arm(i, Timers::ToDelay(delay_us(random)));
  }

  std::this_thread::sleep_until(now + std::chrono::seconds(2));
}

template <typename Timers>
void RunDue(benchmark::State& state) {
  for (auto _ : state) {
    Script script;
    Timers timers(kPending, script);
    double start = 0;
    script.start = [&] {
      LetAllFallDue(timers);
      start = CpuTime();
    };
    script.all_ran = [&] {
      state.SetIterationTime(CpuTime() - start);
      timers.Stop();
    };
    timers.Run();
  }
  state.counters["run"] = benchmark::Counter(
      kPending, benchmark::Counter::kIsIterationInvariantRate |
                    benchmark::Counter::kInvert);
}

template <typename Timers, typename Workload>
void RegisterPair(const char* name) {
  benchmark::RegisterBenchmark(name, AddAndCancel<Timers, Workload>)
      ->UseManualTime()
      ->Iterations(500)
      ->Unit(benchmark::kMicrosecond);
}

template <typename Timers>
void RegisterDue(const char* name) {
  benchmark::RegisterBenchmark(name, RunDue<Timers>)
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

void RegisterAll() {
  RegisterPair<RondoTimers, RandomWorkload>("random/rondo");
  RegisterPair<LibeventTimers, RandomWorkload>("random/libevent");
  RegisterPair<AsioTimers, RandomWorkload>("random/asio");
  RegisterPair<RondoTimers, IdleWorkload>("idle/rondo");
  RegisterPair<LibeventTimers, IdleWorkload>("idle/libevent");
  RegisterPair<LibeventCommonTimers, IdleWorkload>("idle/libevent_common");
  RegisterPair<AsioTimers, IdleWorkload>("idle/asio");
  RegisterPair<RondoTimers, RequestWorkload>("request/rondo");
  RegisterPair<LibeventTimers, RequestWorkload>("request/libevent");
  RegisterPair<LibeventCommonTimers, RequestWorkload>(
      "request/libevent_common");
  RegisterPair<AsioTimers, RequestWorkload>("request/asio");
  RegisterDue<RondoTimers>("due/rondo");
  RegisterDue<LibeventTimers>("due/libevent");
  RegisterDue<AsioTimers>("due/asio");
}

}  // namespace
}  // namespace rondo::bench

int main(int argc, char** argv) {
  rondo::bench::RegisterAll();
  return rondo::bench::RatioMain(argc, argv);
}
