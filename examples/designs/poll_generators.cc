// Poll generators: one thread. A handler, a generator, reads like blocking code
// and yields where that would wait; a loop around poll(2) resumes it.
//
//   bazel run -c opt //examples/designs:poll_generators -- --protocol=hello
//   ab -n 10000 -c 10 http://127.0.0.1:8080/
//
// What the article that measures Python's hello-world HTTP servers by this
// command ends with (5300 requests a second, bare poll 7700). A handler yields
// nothing: it has to Watch() before. event_generators.cc improves on that.
#include <glog/logging.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/init.h"
#include "examples/designs/design_main.h"
#include "examples/designs/generator.h"

namespace rondo::examples {
namespace {

using Handler = Generator<>;

class Loop {
 public:
  void Watch(int fd, short events) {
    polled_.resize(std::max<size_t>(polled_.size(), fd + 1), kNone);
    polled_[fd] = {.fd = fd, .events = events, .revents = 0};
  }

  void Start(int fd, Handler handler) {
    if (handler.Resume()) handlers_.emplace(fd, std::move(handler));
  }

  void RunUntilReady(int stop_fd) {
    Watch(stop_fd, POLLIN);
    while (polled_[stop_fd].revents == 0) {
      const int ready = poll(polled_.data(), polled_.size(), -1);
      PCHECK(ready >= 0 || errno == EINTR) << "poll";
      for (size_t i = 0; i < polled_.size(); ++i) {
        const int fd = polled_[i].fd;
        if (polled_[i].revents == 0 || fd == stop_fd) continue;
        if (handlers_.at(fd).Resume()) continue;
        polled_[i] = kNone;
        handlers_.erase(fd);
      }
    }
  }

 private:
  static constexpr pollfd kNone = {.fd = -1, .events = 0, .revents = 0};
  std::vector<pollfd> polled_;  // by descriptor; poll(2) skips -1
  std::unordered_map<int, Handler> handlers_;  // by descriptor
};

Handler Talk(Loop& loop, std::unique_ptr<Connection> connection) {
  using Result = Connection::Result;
  for (Result result = Result::kDone; result != Result::kOver;) {
    loop.Watch(connection->fd(), POLLIN);
    co_yield {};
    result = connection->Receive();
    if (result != Result::kDone) continue;
    while ((result = connection->Send()) == Result::kLater) {
      loop.Watch(connection->fd(), POLLOUT);
      co_yield {};
    }
  }
}

Handler Accept(Loop& loop, Listener& listener) {
  while (true) {
    loop.Watch(listener.fd(), POLLIN);
    co_yield {};
    auto accepted = listener.Accept();
    if (accepted == nullptr) continue;
    const int fd = accepted->fd();
    loop.Start(fd, Talk(loop, std::move(accepted)));
  }
}

void Serve(Listener& listener, StopSignal& stop) {
  Loop loop;
  loop.Start(listener.fd(), Accept(loop, listener));
  loop.RunUntilReady(stop.fd());
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "poll_generators: handlers that yield.");
  return rondo::examples::RunDesign({.name = "poll_generators"},
                                    rondo::examples::Serve);
}
