#include "net/coro/spawn.h"

#include <memory>
#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/coro/task_owner.h"
#include "net/coro/task_root.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

// A task's callback; goes with the task.
class EndCallback final : public TaskOwner {
 public:
  explicit EndCallback(absl::AnyInvocable<void(std::exception_ptr)> callback)
      : callback_(std::move(callback)) {}

  void HandleEnd(const std::exception_ptr& exception) override {
    const std::unique_ptr<EndCallback> self(this);
    callback_(exception);
  }
  void HandleDestroyed() override { delete this; }

 private:
  absl::AnyInvocable<void(std::exception_ptr)> callback_;
};

}  // namespace

void Spawn(EventLoop* loop, Task<> task, SpawnOptions options) {
  TaskOwner* const owner = options.on_end == nullptr
                               ? nullptr
                               : new EndCallback(std::move(options.on_end));
  const bool stopped = options.stop.stop_requested();
  constexpr auto kHome = TaskRoot::Home::kAnyLoop;
  std::unique_ptr<TaskRoot> root;
  if (options.stop.stop_possible()) {
    root = std::make_unique<StoppableTaskRoot>(loop, kHome, std::move(task),
                                               owner, std::move(options.stop));
  } else {
    root = std::make_unique<TaskRoot>(loop, kHome, std::move(task), owner);
  }
  if (stopped) root->RequestStop();
  if (loop->IsInCallback()) {
    TaskRoot::Start(std::move(root), loop->Local<LoopTasks>().spawned());
    return;
  }
  loop->QueueInLoop([loop, root = std::move(root)]() mutable {
    TaskRoot::Start(std::move(root), loop->Local<LoopTasks>().spawned());
  });
}

}  // namespace rondo
