// Select loop: one thread, which hands select(2) sets of descriptors.
//
//   bazel run -c opt //examples/designs:select_loop
//   echo hello | nc -q1 127.0.0.1 8080           prints HELLO
//
// The third way of the article that builds an upper-casing echo server five
// ways. A set is an array of FD_SETSIZE bits, 1024: to put a higher descriptor
// into it writes beside it, so a connection that gets one is refused. The sets
// are copied in and out, and searched, for each turn.
#include <glog/logging.h>
#include <sys/select.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/init.h"
#include "examples/designs/design_main.h"

namespace rondo::examples {
namespace {

class SelectLoop {
 public:
  SelectLoop(Listener& listener, const StopSignal& stop)
      : listener_(listener), stop_fd_(stop.fd()) {
    FD_ZERO(&reading_);
    FD_ZERO(&writing_);
    Watch(stop_fd_, /*for_output=*/false);
    Watch(listener.fd(), /*for_output=*/false);
  }

  void Run() {
    while (true) {
      fd_set readable = reading_;
      fd_set writable = writing_;
      if (select(highest_ + 1, &readable, &writable, nullptr, nullptr) < 0) {
        PCHECK(errno == EINTR) << "select";
        continue;
      }
      if (FD_ISSET(stop_fd_, &readable)) return;
      for (int fd = 0; fd <= highest_; ++fd) {
        const bool ready = FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable);
        if (ready && connections_[fd] != nullptr) Proceed(fd);
      }
      if (FD_ISSET(listener_.fd(), &readable)) Accept();
    }
  }

 private:
  void Watch(int fd, bool for_output) {
    FD_CLR(fd, for_output ? &reading_ : &writing_);
    FD_SET(fd, for_output ? &writing_ : &reading_);
    highest_ = std::max(highest_, fd);
  }

  void Accept() {
    auto accepted = listener_.Accept();
    if (accepted == nullptr) return;
    const int fd = accepted->fd();
    if (fd >= FD_SETSIZE) {
      return listener_.Refuse(std::move(accepted),
                              "select watches descriptors below 1024 only; "
                              "use poll_loop or epoll_loop");
    }
    connections_[fd] = std::move(accepted);
    Watch(fd, /*for_output=*/false);
  }

  void Proceed(int fd) {
    if (connections_[fd]->Proceed()) {
      return Watch(fd, connections_[fd]->has_output());
    }
    FD_CLR(fd, &reading_);
    FD_CLR(fd, &writing_);
    connections_[fd].reset();
  }

  Listener& listener_;
  const int stop_fd_;
  int highest_ = 0;
  fd_set reading_, writing_;
  std::array<std::unique_ptr<Connection>, FD_SETSIZE> connections_;
};

void Serve(Listener& listener, StopSignal& stop) {
  SelectLoop(listener, stop).Run();
}

}  // namespace
}  // namespace rondo::examples

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "select_loop: select(2) in one thread.");
  return rondo::examples::RunDesign({.name = "select_loop"},
                                    rondo::examples::Serve);
}
