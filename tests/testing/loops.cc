#include "tests/testing/loops.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>

namespace rondo {
namespace {

constexpr std::chrono::seconds kPatience{30};  // not a measure of anything

// Takes one step in each turn.
class Run {
 public:
  Run(EventLoop& loop, std::vector<StepOrWait> steps)
      : loop_(loop), steps_(std::move(steps)) {}

  void QueueNext() {
    loop_.QueueInLoop([this] {
      if (next_ == steps_.size() || !Take(steps_[next_])) return loop_.Stop();
      QueueNext();
    });
  }

 private:
  // False if it is no use going on.
  bool Take(StepOrWait& step) {
    if (Wait* const wait = std::get_if<Wait>(&step); wait == nullptr) {
      std::get<Step>(step)();
    } else if (!wait->done()) {
      std::this_thread::yield();
      return HasPatience();
    }
    ++next_;
    begun_ = Clock::now();
    return true;
  }

  bool HasPatience() const {
    if (Clock::now() - begun_ < kPatience) return true;
    ADD_FAILURE() << "step " << next_ + 1 << " of " << steps_.size()
                  << " waits for what does not become true";
    return false;
  }

  using Clock = std::chrono::steady_clock;

  EventLoop& loop_;
  std::vector<StepOrWait> steps_;
  size_t next_ = 0;
  Clock::time_point begun_ = Clock::now();  // the step that is next
};

}  // namespace

std::unique_ptr<EventLoop> NewLoop(EventLoopOptions options) {
  auto loop = EventLoop::Create(std::move(options));
  CHECK(loop.ok()) << loop.status();
  return *std::move(loop);
}

void RunSteps(EventLoop& loop, std::vector<StepOrWait> steps) {
  Run run(loop, std::move(steps));
  run.QueueNext();
  loop.Run();
}

void RunSteps(EventLoop& loop, std::vector<Step> steps) {
  std::vector<StepOrWait> list;
  for (Step& step : steps) list.emplace_back(std::move(step));
  RunSteps(loop, std::move(list));
}

void RunTurns(EventLoop& loop, int turns) {
  std::vector<Step> steps(turns);
  for (Step& step : steps) step = [] {};
  RunSteps(loop, std::move(steps));
}

}  // namespace rondo
