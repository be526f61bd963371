#include "net/coro/spawn.h"

#include <memory>
#include <utility>

#include "net/coro/loop_tasks.h"
#include "net/reactor/event_loop.h"

namespace rondo {

void Spawn(EventLoop* loop, Task<> task, SpawnOptions options) {
  auto root =
      std::make_unique<TaskRoot>(loop, TaskRoot::Home::kAnyLoop,
                                 std::move(task), std::move(options.on_end));
  root->StopWith(std::move(options.stop));
  if (loop->IsInCallback()) {
    TaskRoot::Start(std::move(root), loop->Local<LoopTasks>().spawned());
    return;
  }
  loop->QueueInLoop([loop, root = std::move(root)]() mutable {
    TaskRoot::Start(std::move(root), loop->Local<LoopTasks>().spawned());
  });
}

}  // namespace rondo
