#ifndef RONDO_TESTS_NET_CORO_AWAITABLE_FIXTURE_H_
#define RONDO_TESTS_NET_CORO_AWAITABLE_FIXTURE_H_

#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "net/coro/async_event.h"
#include "net/coro/spawn.h"
#include "net/coro/task_scope.h"
#include "tests/net/coro/awaitable_case.h"
#include "tests/testing/loops.h"

namespace rondo {

// Those that are tested: each program that links the suite has its own.
std::vector<AwaitableMaker> AllAwaitables();

// Who owns the task that awaits, and by whom it is asked to stop: by its scope,
// or by another thread through the token that it was spawned with.
enum class Owner { kScope, kLoop };

// A task that awaits once, on a loop that runs turn by turn.
class AwaitableFixture {
 protected:
  AwaitableFixture(const AwaitableMaker& maker, Owner owner)
      : owner_(owner),
        loop_(NewLoop({.clock = &clock_})),
        case_(maker.make(*loop_, clock_)) {
    if (owner_ == Owner::kScope) scope_.emplace(loop_.get());
  }
  ~AwaitableFixture() {
    scope_.reset();
    loop_.reset();
  }

  // The task awaits, at once or when the gate opens, whether or not it is to
  // stop by then.
  Step Start() {
    return [this] {
      gate_.Set();
      Begin();
    };
  }
  Step StartBehindGate() {
    return [this] { Begin(); };
  }
  Step OpenGate() {
    return [this] { gate_.Set(); };
  }
  Step Happen() {
    return [this] { case_->Happen(); };
  }
  Step Stop() {
    return [this] { RequestStop(); };
  }
  // As long as it takes.
  Wait UntilEnded() {
    return Until([this] {
      case_->GoOn();
      return !results_.empty();
    });
  }
  Wait UntilFramesAreGone() {
    return Until([this] { return frame_.expired(); });
  }
  // Several turns.
  Wait AWhile() {
    return Until([this, turns = 0]() mutable {
      case_->GoOn();
      return ++turns > 5;
    });
  }

  void RequestStop() {
    if (owner_ == Owner::kScope) return scope_->RequestStop();
    std::thread([this] { stop_.request_stop(); }).join();
  }

  const Owner owner_;
  FakeClock clock_;
  std::vector<Ended> results_;
  std::weak_ptr<void> frame_;  // there is while one frame is
  AsyncEvent gate_;
  std::stop_source stop_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<AwaitableCase> case_;
  std::optional<TaskScope> scope_;

 private:
  void Begin() {
    const auto frame = std::make_shared<int>();
    frame_ = frame;
    Task<> task = Record(&gate_, case_->Await(frame), &results_, frame);
    if (owner_ == Owner::kScope) return scope_->Spawn(std::move(task));
    Spawn(loop_.get(), std::move(task), {.stop = stop_.get_token()});
  }

  static Task<> Record(AsyncEvent* gate, Task<Ended> task,
                       std::vector<Ended>* results, std::shared_ptr<void>) {
    if (!gate->is_set()) (void)co_await gate->Wait();
    results->push_back(co_await std::move(task));
  }
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_CORO_AWAITABLE_FIXTURE_H_
