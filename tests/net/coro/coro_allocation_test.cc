// What an await asks the heap for, once it runs: nothing.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/base/config.h"
#include "absl/time/time.h"
#include "net/coro/async_channel.h"
#include "net/coro/async_event.h"
#include "net/coro/async_mutex.h"
#include "net/coro/resume_on.h"
#include "net/coro/sleep.h"
#include "net/coro/spawn.h"
#include "net/coro/task.h"
#include "tests/net/coro/stream_fixture.h"
#include "tests/net/tcp/allocation_counter.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/loops.h"

namespace rondo {
namespace {

constexpr int kWarmUp = 100;
constexpr int kAwaits = 1'000;

size_t Count() { return AllocationsOfThisThread().count; }

// Counts what this thread allocates from the end of the warm-up on.
class Counter {
 public:
  // To be called at the beginning of each round.
  void Round() {
    if (++rounds_ == kWarmUp) before_ = Count();
    allocations_ = Count() - before_;
  }
  bool done() const { return rounds_ == kWarmUp + kAwaits; }
  size_t allocations() const { return allocations_; }

 private:
  int rounds_ = 0;
  size_t before_ = 0;
  size_t allocations_ = 0;
};

class CoroAllocationTest : public StreamFixture {
 protected:
  void SetUp() override {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
    GTEST_SKIP() << "frames are not kept under AddressSanitizer";
#endif
  }

  // Runs the task, which counts in counter_, and others with it.
  size_t Run(Task<> counting, Task<> other = Task<>(nullptr)) {
    Spawn(loop_.get(), std::move(counting),
          {.on_end = [this](std::exception_ptr) { loop_->Stop(); }});
    if (other.frame()) Spawn(loop_.get(), std::move(other));
    loop_->Run();
    EXPECT_TRUE(counter_.done());
    return counter_.allocations();
  }

  Counter counter_;
};

TEST_F(CoroAllocationTest, Sleeping) {
  static constexpr auto kBody = [](Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) {
      (void)co_await SleepFor(absl::ZeroDuration());
    }
  };
  EXPECT_EQ(Run(kBody(&counter_)), 0u);
}

TEST_F(CoroAllocationTest, AwaitingATask) {
  static constexpr auto kInner = [](int i) -> Task<int> {
    (void)co_await SleepFor(absl::ZeroDuration());
    co_return i;
  };
  static constexpr auto kBody = [](decltype(kInner) inner,
                                   Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) (void)co_await inner(1);
  };
  EXPECT_EQ(Run(kBody(kInner, &counter_)), 0u);
}

TEST_F(CoroAllocationTest, Events) {
  static constexpr auto kBody = [](AsyncEvent* mine, AsyncEvent* others,
                                   Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) {
      others->Set();
      (void)co_await mine->Wait();
      mine->Reset();
    }
    others->Set();
  };
  AsyncEvent a;
  AsyncEvent b;
  Counter other;
  EXPECT_EQ(Run(kBody(&a, &b, &counter_), kBody(&b, &a, &other)), 0u);
}

TEST_F(CoroAllocationTest, Mutexes) {
  static constexpr auto kBody = [](AsyncMutex* mutex,
                                   Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) {
      const AsyncMutex::Lock lock = co_await mutex->Acquire();
      (void)co_await SleepFor(absl::ZeroDuration());
    }
  };
  AsyncMutex mutex;
  Counter other;
  EXPECT_EQ(Run(kBody(&mutex, &counter_), kBody(&mutex, &other)), 0u);
}

TEST_F(CoroAllocationTest, Channels) {
  static constexpr auto kSend = [](AsyncChannel<int>* channel) -> Task<> {
    bool sent = true;
    while (sent) sent = co_await channel->Send(1);
  };
  static constexpr auto kReceive = [](AsyncChannel<int>* channel,
                                      Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) {
      (void)co_await channel->Receive();
    }
  };
  AsyncChannel<int> channel(2);
  EXPECT_EQ(Run(kReceive(&channel, &counter_), kSend(&channel)), 0u);
  loop_.reset();
}

// As many as it holds, wherever in its memory they begin.
TEST_F(CoroAllocationTest, ChannelsThatFillAndDrain) {
  static constexpr auto kBody = [](AsyncChannel<int>* channel,
                                   Counter* counter) -> Task<> {
    for (; !counter->done(); counter->Round()) {
      for (int i = 0; channel->TrySend(std::move(i));) ++i;
      EXPECT_EQ(channel->size(), 1'000u);
      while (channel->size() > 0) (void)co_await channel->Receive();
    }
  };
  AsyncChannel<int> channel(1'000);
  EXPECT_EQ(Run(kBody(&channel, &counter_)), 0u);
}

TEST_F(CoroAllocationTest, AnEchoOverAStream) {
  static constexpr auto kEcho = [](Stream stream) -> Task<> {
    while (true) {
      const auto bytes = co_await stream.Read();
      if (!bytes.ok() || bytes->empty()) co_return;
      const absl::Status written = co_await stream.Write(*bytes);
      if (!written.ok()) co_return;
    }
  };
  static constexpr auto kPing = [](const UniqueFd* peer,
                                   Counter* counter) -> Task<> {
    char block[16];
    for (; !counter->done(); counter->Round()) {
      EXPECT_EQ(send(peer->get(), "ping", 4, MSG_NOSIGNAL), 4);
      ssize_t n = -1;
      while (n < 0) {
        (void)co_await SleepFor(absl::ZeroDuration());
        n = recv(peer->get(), block, sizeof(block), MSG_DONTWAIT);
      }
      EXPECT_EQ(n, 4);
    }
  };
  EXPECT_EQ(Run(kPing(&peer_, &counter_), kEcho(Open())), 0u);
}

// A post that overtakes the return of the last one's node takes another.
TEST_F(CoroAllocationTest, MovingBetweenLoops) {
  static constexpr auto kBody = [](EventLoop* a, EventLoop* b, Counter* on_a,
                                   Counter* on_b, EventCount* ended) -> Task<> {
    while (!on_a->done()) {
      on_a->Round();
      co_await ResumeOn(b);
      on_b->Round();
      co_await ResumeOn(a);
    }
    ended->Add();
  };
  EventCount ended;
  Counter other;
  const std::unique_ptr<EventLoopThread> a = StartLoopThread();
  const std::unique_ptr<EventLoopThread> b = StartLoopThread();
  Spawn(a->loop(), kBody(a->loop(), b->loop(), &counter_, &other, &ended));
  ended.Await(1);
  EXPECT_LE(counter_.allocations() + other.allocations(), kAwaits / 100u);
}

}  // namespace
}  // namespace rondo
