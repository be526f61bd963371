#include "tests/testing/loops.h"

#include <glog/logging.h>

#include <utility>

namespace rondo {
namespace {

void QueueStep(EventLoop& loop, std::vector<Step>& steps, size_t next) {
  loop.QueueInLoop([&loop, &steps, next] {
    if (next == steps.size()) return loop.Stop();
    steps[next]();
    QueueStep(loop, steps, next + 1);
  });
}

}  // namespace

std::unique_ptr<EventLoop> NewLoop(EventLoopOptions options) {
  auto loop = EventLoop::Create(std::move(options));
  CHECK(loop.ok()) << loop.status();
  return *std::move(loop);
}

void RunSteps(EventLoop& loop, std::vector<Step> steps) {
  QueueStep(loop, steps, 0);
  loop.Run();
}

void RunTurns(EventLoop& loop, int turns) {
  std::vector<Step> steps(turns);
  for (Step& step : steps) step = [] {};
  RunSteps(loop, std::move(steps));
}

}  // namespace rondo
