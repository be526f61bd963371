// Event generators: poll_generators.cc, but what a handler yields is what it
// waits for: a descriptor and an event.
//
//   bazel run -c opt //examples/designs:event_generators
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// The improvement that the article which measures Python's hello-world HTTP
// servers proposes for its generators over poll. A handler no longer knows the
// loop's tables, and may wait for any descriptor, now this one, now that. It
// still cannot wait for two of them, or for a time: for that see //net/coro.
#include <glog/logging.h>
#include <poll.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "base/init.h"
#include "examples/designs/design_main.h"
#include "examples/designs/generator.h"

namespace rondo::examples {
namespace {

using Handler = Generator<pollfd>;
using Handlers = std::vector<Handler>;

pollfd Readable(int fd) { return {.fd = fd, .events = POLLIN, .revents = 0}; }
pollfd Writable(int fd) { return {.fd = fd, .events = POLLOUT, .revents = 0}; }

void Start(Handlers& handlers, Handler handler) {
  if (handler.Resume()) handlers.push_back(std::move(handler));
}

// Until the first of them ends.
void Run(Handlers& handlers) {
  std::vector<pollfd> polled;
  while (true) {
    polled.clear();
    for (const Handler& handler : handlers) polled.push_back(handler.yielded());
    const int ready = poll(polled.data(), polled.size(), -1);
    PCHECK(ready >= 0 || errno == EINTR) << "poll";
    // Backwards, as the last one takes the place of one that has ended.
    for (size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0 || handlers[i].Resume()) continue;
      if (i == 0) return;
      std::swap(handlers[i], handlers.back());
      handlers.pop_back();
    }
  }
}

Handler Talk(std::unique_ptr<Connection> connection) {
  using Result = Connection::Result;
  for (Result result = Result::kDone; result != Result::kOver;) {
    co_yield Readable(connection->fd());
    result = connection->Receive();
    if (result != Result::kDone) continue;
    while ((result = connection->Send()) == Result::kLater) {
      co_yield Writable(connection->fd());
    }
  }
}

Handler Accept(Handlers& handlers, Listener& listener) {
  while (true) {
    co_yield Readable(listener.fd());
    auto accepted = listener.Accept();
    if (accepted != nullptr) Start(handlers, Talk(std::move(accepted)));
  }
}

Handler Await(int fd) { co_yield Readable(fd); }

void Serve(Listener& listener, StopSignal& stop) {
  Handlers handlers;
  Start(handlers, Await(stop.fd()));
  Start(handlers, Accept(handlers, listener));
  Run(handlers);
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "event_generators: coroutines over poll(2).");
  return rondo::examples::RunDesign({.name = "event_generators"},
                                    rondo::examples::Serve);
}
