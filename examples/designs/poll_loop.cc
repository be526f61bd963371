// Poll loop: one thread, which hands poll(2) all descriptors each time it
// waits.
//
//   bazel run -c opt //examples/designs:poll_loop -- --protocol=hello
//   ab -n 10000 -c 10 http://127.0.0.1:8080/
//
// The bare poll server, 7700 requests a second, of the article that measures
// Python's hello-world HTTP servers by this command. The kernel looks at every
// descriptor for each turn, and so does the loop: idle connections cost as much
// as busy ones. No limit but that.
#include <glog/logging.h>
#include <poll.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "base/init.h"
#include "examples/designs/design_main.h"

namespace rondo::examples {
namespace {

class PollLoop {
 public:
  PollLoop(Listener& listener, const StopSignal& stop) : listener_(listener) {
    Watch(stop.fd(), nullptr);
    Watch(listener.fd(), nullptr);
  }

  void Run() {
    while (true) {
      const int ready = poll(polled_.data(), polled_.size(), -1);
      PCHECK(ready >= 0 || errno == EINTR) << "poll";
      if (polled_[kStop].revents != 0) return;
      // Backwards, as the last one takes the place of one that is over.
      for (size_t i = polled_.size() - 1; i > kListener; --i) {
        if (polled_[i].revents != 0) Proceed(i);
      }
      if (polled_[kListener].revents == 0) continue;
      auto accepted = listener_.Accept();
      if (accepted == nullptr) continue;
      const int fd = accepted->fd();
      Watch(fd, std::move(accepted));
    }
  }

 private:
  static constexpr size_t kStop = 0;
  static constexpr size_t kListener = 1;

  void Watch(int fd, std::unique_ptr<Connection> connection) {
    polled_.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    connections_.push_back(std::move(connection));
  }

  void Proceed(size_t i) {
    if (connections_[i]->Proceed()) {
      polled_[i].events = connections_[i]->has_output() ? POLLOUT : POLLIN;
      return;
    }
    std::swap(polled_[i], polled_.back());
    std::swap(connections_[i], connections_.back());
    polled_.pop_back();
    connections_.pop_back();
  }

  Listener& listener_;
  std::vector<pollfd> polled_;
  std::vector<std::unique_ptr<Connection>> connections_;  // beside polled_
};

void Serve(Listener& listener, StopSignal& stop) {
  PollLoop(listener, stop).Run();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "poll_loop: poll(2) in one thread.");
  return rondo::examples::RunDesign({.name = "poll_loop"},
                                    rondo::examples::Serve);
}
