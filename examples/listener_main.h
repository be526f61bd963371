#ifndef RONDO_EXAMPLES_LISTENER_MAIN_H_
#define RONDO_EXAMPLES_LISTENER_MAIN_H_

#include <string_view>

#include "absl/functional/function_ref.h"
#include "net/coro/stream_listener.h"
#include "net/coro/task.h"
#include "net/reactor/event_loop.h"

namespace rondo::examples {

// What a server on one loop that accepts in a coroutine does around its idea.
//
// Runs what `serve` makes until it ends, which it does when its listener is
// closed: by SIGINT or SIGTERM. What then takes longer than --drain_timeout, or
// a second signal, is cut short. The shared flags are those of
// ServeUntilSignal() but for more than one loop, takeovers and caps of
// connections. Prints one line when it listens, as that does, and returns
// main()'s exit code.
int ListenUntilSignal(
    std::string_view name,
    absl::FunctionRef<Task<>(EventLoop*, StreamListener&)> serve);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_LISTENER_MAIN_H_
