// A signal a millisecond on each loop's thread while it serves, without
// SA_RESTART: system calls end early with EINTR, and nobody else notices.
//
// Reference: signal(7), "Interruption of system calls and library functions by
// signal handlers".
#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "net/reactor/event_loop.h"
#include "tests/net/tcp/echo_swarm.h"
#include "tests/net/tcp/scale.h"
#include "tests/net/tcp/server_fixture.h"

#ifndef sigev_notify_thread_id  // glibc has the member, and not all have this
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace rondo {
namespace {

#ifdef __x86_64__
constexpr bool kSeesInterruptions = true;
#else
constexpr bool kSeesInterruptions = false;
#endif

// What one thread was sent.
struct SignalCounts {
  std::atomic<uint64_t> signals{0};
  // That ended a system call: it is to return -EINTR.
  std::atomic<uint64_t> interruptions{0};
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);  // for the handler

void CountSignal(int, siginfo_t* info, void* context) {
  auto* const counts = static_cast<SignalCounts*>(info->si_value.sival_ptr);
  ++counts->signals;
#ifdef __x86_64__
  const auto* const interrupted = static_cast<const ucontext_t*>(context);
  const auto result = interrupted->uc_mcontext.gregs[REG_RAX];
  if (result == -EINTR) ++counts->interruptions;
#else
  (void)context;
#endif
}

// While it lives, the thread of a loop gets SIGALRM at 1 kHz.
//
// Threading: thread-compatible. Ownership: borrows the loop.
class SignalStorm {
 public:
  explicit SignalStorm(EventLoop* loop) {
    struct sigaction action = {};
    action.sa_sigaction = CountSignal;
    action.sa_flags = SA_SIGINFO;  // and not SA_RESTART
    // For good: a signal may still be on its way when the timer is gone.
    EXPECT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
    loop->RunAndWait([this] { Begin(); });
  }
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;
  ~SignalStorm() { timer_delete(timer_); }

  uint64_t signals() const { return counts_.signals; }
  uint64_t interruptions() const { return counts_.interruptions; }

 private:
  static SignalCounts& NewCounts() {  // that outlive every signal
    static auto* const all = new std::vector<std::unique_ptr<SignalCounts>>;
    return *all->emplace_back(std::make_unique<SignalCounts>());
  }

  // On the thread that is to get them.
  void Begin() {
    sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGALRM;
    event.sigev_value.sival_ptr = &counts_;
    event.sigev_notify_thread_id = gettid();
    EXPECT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer_), 0);
    const timespec millisecond = {.tv_sec = 0, .tv_nsec = 1'000'000};
    const itimerspec each = {.it_interval = millisecond,
                             .it_value = millisecond};
    EXPECT_EQ(timer_settime(timer_, 0, &each, nullptr), 0);
  }

  SignalCounts& counts_ = NewCounts();
  timer_t timer_ = {};
};

class SignalStormTest : public ServerFixture,
                        public testing::WithParamInterface<const char*> {
 protected:
  // At least so many signals on each loop's thread while transfers go on.
  static constexpr uint64_t kSignals = 300;

  SignalStormTest() {
    TcpServerOptions options = LoopbackOptions(/*threads=*/2);
    options.loop.poller = GetParam();
    options.loop.stall_limit = absl::InfiniteDuration();
    Start(options);
    for (EventLoop* loop : server_->loops()) {
      storms_.push_back(std::make_unique<SignalStorm>(loop));
    }
    storms_.push_back(std::make_unique<SignalStorm>(acceptor_loop()));
  }
  ~SignalStormTest() override {
    storms_.clear();
    server_.reset();
  }

  // Whether each of the threads had enough, also while it waited.
  bool HasRaged() const {
    return std::ranges::all_of(storms_, [](const auto& storm) {
      return storm->signals() >= kSignals &&
             (storm->interruptions() > 0 || !kSeesInterruptions);
    });
  }

  // All that were ever opened were closed by their clients.
  void ExpectNoConnectionLost(uint64_t connections) const {
    AwaitTrue([&] { return server_->open_connections() == 0; });
    EXPECT_EQ(server_->opened_connections(), connections);
    EXPECT_EQ(server_->closed_connections(CloseReason::kPeerClosed),
              connections);
  }

 private:
  std::vector<std::unique_ptr<SignalStorm>> storms_;
};

// Connections that come, talk little and go.
TEST_P(SignalStormTest, ChangesNothingForSmallTransfers) {
  EchoSwarmOptions swarm = {.server = address(),
                            .clients = 32,
                            .connections_each = 10,
                            .max_bytes = 20'000,
                            .max_write_bytes = 2'000};
  const int connections = swarm.clients * swarm.connections_each;
  uint64_t all = 0;
  do {
    const EchoSwarmResult result = RunEchoSwarm(swarm);
    EXPECT_EQ(result.completed, connections);
    all += connections;
    ++swarm.seed;
  } while (!HasRaged() && !HasFailure());
  ExpectNoConnectionLost(all);
}

// Neither repeats at the sizes of buffers nor compresses to a length.
std::string Pattern(size_t bytes) {
  std::string result(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) result[i] = i * 2'654'435'761u >> 13;
  return result;
}

// Streams of many megabytes, which fill every buffer on their way.
TEST_P(SignalStormTest, ChangesNothingForLargeTransfers) {
  constexpr int kClients = 4;
  const std::string data = Pattern(Scaled(32 << 20));
  uint64_t all = 0;
  do {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kClients; ++i) {
      threads.emplace_back([&] {
        LoopbackClient client = Connect();
        std::jthread sender([&] {
          EXPECT_TRUE(client.Send(data));
          client.ShutdownWrite();
        });
        EXPECT_TRUE(client.ReceiveAll() == data);
      });
    }
    threads.clear();
    all += kClients;
  } while (!HasRaged() && !HasFailure());
  ExpectNoConnectionLost(all);
}

INSTANTIATE_TEST_SUITE_P(Pollers, SignalStormTest,
                         testing::Values("epoll", "poll", "select"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace rondo
