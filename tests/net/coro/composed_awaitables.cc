#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "base/thread_pool.h"
#include "net/coro/async_event.h"
#include "net/coro/offload.h"
#include "net/coro/run_on.h"
#include "net/coro/task_scope.h"
#include "net/coro/when_all.h"
#include "net/coro/when_any.h"
#include "net/coro/with_timeout.h"
#include "net/reactor/event_loop_thread.h"
#include "tests/net/coro/awaitable_case.h"
#include "tests/net/tcp/event_count.h"
#include "tests/net/tcp/server_fixture.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

Task<Ended> WaitFor(AsyncEvent* event, std::shared_ptr<void>) {
  co_return co_await event->Wait() ? Ended::kCame : Ended::kStopped;
}

// What waits for tasks that wait for an event.
class ComposedCase : public AwaitableCase {
 public:
  ComposedCase(EventLoop& loop, FakeClock&) : loop_(&loop) {}

  void Happen() override { event_.Set(); }
  bool comes_at_once() const override { return true; }

 protected:
  EventLoop* const loop_;
  AsyncEvent event_;
  AsyncEvent never_;
};

class JoinCase : public ComposedCase {
 public:
  using ComposedCase::ComposedCase;

  Task<Ended> Await(std::shared_ptr<void> frame) override {
    Ended ended = Ended::kStopped;
    TaskScope scope(loop_);
    scope.Spawn(Store(WaitFor(&event_, frame), &ended, frame));
    scope.Spawn(Store(WaitFor(&event_, frame), &ended, frame));
    co_await scope.Join();
    EXPECT_EQ(scope.size(), 0u);
    co_return ended;
  }

 private:
  static Task<> Store(Task<Ended> task, Ended* to, std::shared_ptr<void>) {
    *to = co_await std::move(task);
  }
};

class WhenAllCase : public ComposedCase {
 public:
  using ComposedCase::ComposedCase;

  Task<Ended> Await(std::shared_ptr<void> frame) override {
    const auto [a, b] =
        co_await WhenAll(WaitFor(&event_, frame), WaitFor(&event_, frame));
    EXPECT_EQ(a, b);
    co_return a;
  }
};

class WhenAnyCase : public ComposedCase {
 public:
  using ComposedCase::ComposedCase;

  Task<Ended> Await(std::shared_ptr<void> frame) override {
    const auto first =
        co_await WhenAny(WaitFor(&never_, frame), WaitFor(&event_, frame));
    co_return std::visit([](Ended ended) { return ended; }, first);
  }
};

class WithTimeoutCase : public ComposedCase {
 public:
  using ComposedCase::ComposedCase;

  Task<Ended> Await(std::shared_ptr<void> frame) override {
    const absl::StatusOr<Ended> ended =
        co_await WithTimeout(absl::Hours(1), WaitFor(&event_, frame));
    EXPECT_TRUE(ended.ok()) << ended.status();
    co_return ended.value_or(Ended::kStopped);
  }
};

class OffloadCase : public AwaitableCase {
 public:
  OffloadCase(EventLoop&, FakeClock&) {}
  ~OffloadCase() override { open_.Add(); }

  Task<Ended> Await(std::shared_ptr<void>) override {
    const absl::StatusOr<int> result = co_await Offload(*pool_, [this] {
      open_.Await(1);
      return 1;
    });
    co_return result.ok() ? Ended::kCame : Ended::kStopped;
  }
  void Happen() override { open_.Add(); }

 private:
  EventCount open_;
  const std::unique_ptr<ThreadPool> pool_ = NewPool({.threads = 1});
};

class RunOnCase : public AwaitableCase {
 public:
  RunOnCase(EventLoop&, FakeClock&) {}
  ~RunOnCase() override { thread_.reset(); }  // before the event

  Task<Ended> Await(std::shared_ptr<void> frame) override {
    const absl::StatusOr<Ended> ended =
        co_await RunOn(thread_->loop(), WaitFor(&event_, std::move(frame)));
    if (!ended.ok()) {
      EXPECT_TRUE(absl::IsCancelled(ended.status()));
    }
    co_return ended.value_or(Ended::kStopped);
  }
  void Happen() override {
    thread_->loop()->QueueInLoop([this] { event_.Set(); });
  }
  bool remote() const override { return true; }

 private:
  AsyncEvent event_;  // of the other loop
  std::unique_ptr<EventLoopThread> thread_ = StartLoopThread();
};

}  // namespace

std::vector<AwaitableMaker> ComposedAwaitables() {
  return {
      MakerOf<JoinCase>("ScopeJoin"),  MakerOf<WhenAllCase>("WhenAll"),
      MakerOf<WhenAnyCase>("WhenAny"), MakerOf<WithTimeoutCase>("WithTimeout"),
      MakerOf<OffloadCase>("Offload"), MakerOf<RunOnCase>("RunOn"),
  };
}

}  // namespace rondo
