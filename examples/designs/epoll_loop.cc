// Epoll loop: one thread, and a kernel that remembers what it waits for.
//
//   bazel run -c opt //examples/designs:epoll_loop -- --protocol=hello
//   ab -n 10000 -c 10 http://127.0.0.1:8080/
//
// Stands for two servers of the article that measures Python's hello-world HTTP
// servers, on kqueue (7200 requests a second) and on selectors (6100), and for
// the selectors server, the fourth, of the article that builds an upper-casing
// echo server five ways: on Linux both modules come to epoll(7). Idle
// connections cost nothing; but all of it runs on one CPU.
#include <glog/logging.h>
#include <sys/epoll.h>

#include <cerrno>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/init.h"
#include "base/unique_fd.h"
#include "examples/designs/design_main.h"

namespace rondo::examples {
namespace {

class EpollLoop {
 public:
  EpollLoop(Listener& listener, const StopSignal& stop)
      : listener_(listener), stop_fd_(stop.fd()) {
    PCHECK(epoll_fd_.valid()) << "epoll_create1";
    PCHECK(Watch(EPOLL_CTL_ADD, stop_fd_, EPOLLIN));
    PCHECK(Watch(EPOLL_CTL_ADD, listener.fd(), EPOLLIN));
  }

  void Run() {
    epoll_event events[kMaxEvents];
    while (true) {
      const int ready = epoll_wait(epoll_fd_.get(), events, kMaxEvents, -1);
      PCHECK(ready >= 0 || errno == EINTR) << "epoll_wait";
      for (int i = 0; i < ready; ++i) {
        const int fd = events[i].data.fd;
        if (fd == stop_fd_) return;
        fd == listener_.fd() ? Accept() : Proceed(fd);
      }
    }
  }

 private:
  static constexpr int kMaxEvents = 1'024;

  bool Watch(int operation, int fd, uint32_t events) {
    epoll_event event = {.events = events, .data = {.fd = fd}};
    return epoll_ctl(epoll_fd_.get(), operation, fd, &event) == 0;
  }

  void Accept() {
    auto accepted = listener_.Accept();
    if (accepted == nullptr) return;
    const int fd = accepted->fd();
    if (!Watch(EPOLL_CTL_ADD, fd, EPOLLIN)) {
      return listener_.Refuse(std::move(accepted), kNoWatch);
    }
    connections_.emplace(fd, std::move(accepted));
  }

  void Proceed(int fd) {
    Connection& connection = *connections_.at(fd);
    const bool had_output = connection.has_output();
    if (!connection.Proceed()) {
      connections_.erase(fd);  // closed, and so off the kernel's list
    } else if (connection.has_output() != had_output) {
      PCHECK(Watch(EPOLL_CTL_MOD, fd, had_output ? EPOLLIN : EPOLLOUT));
    }
  }

  Listener& listener_;
  const int stop_fd_;
  const UniqueFd epoll_fd_{epoll_create1(EPOLL_CLOEXEC)};
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

void Serve(Listener& listener, StopSignal& stop) {
  EpollLoop(listener, stop).Run();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "epoll_loop: epoll(7) in one thread.");
  return rondo::examples::RunDesign({.name = "epoll_loop"},
                                    rondo::examples::Serve);
}
