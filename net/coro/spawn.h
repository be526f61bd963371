#ifndef RONDO_NET_CORO_SPAWN_H_
#define RONDO_NET_CORO_SPAWN_H_

#include <exception>
#include <stop_token>

#include "absl/functional/any_invocable.h"
#include "net/coro/task.h"

namespace rondo {

class EventLoop;

struct SpawnOptions {
  // Any thread may request the stop; the task hears of it on its loop.
  std::stop_token stop = {};
  // Called when it has ended, on the loop where it has, with what it has thrown
  // or null; not if it is destroyed before. Must not throw. Without it,
  // exceptions are logged.
  absl::AnyInvocable<void(std::exception_ptr)> on_end = nullptr;
};

// Runs `task` on `loop`: at once, until it first waits, if this is one of the
// loop's callbacks, else soon. Then it belongs to the loop: at the loop's end,
// or if that has come, it is destroyed and resumes nothing.
//
// Thread-safe.
//
// Example:
//   Spawn(loop, Greet(), {.on_end = [](std::exception_ptr) { … }});
void Spawn(EventLoop* loop, Task<> task, SpawnOptions options = {});

}  // namespace rondo

#endif  // RONDO_NET_CORO_SPAWN_H_
