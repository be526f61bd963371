#ifndef RONDO_EXAMPLES_DESIGNS_EPOLL_SET_H_
#define RONDO_EXAMPLES_DESIGNS_EPOLL_SET_H_

#include <glog/logging.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "base/mutex.h"
#include "base/unique_fd.h"
#include "examples/designs/stop_signal.h"

namespace rondo::examples {

// An epoll(7) descriptor and its three calls, with nothing in between. It is
// level-triggered, unless `events` say otherwise. Descriptors leave it when
// they are closed.
//
// Threading: one thread waits; the rest is Thread-safe.
class EpollSet {
 public:
  EpollSet() { PCHECK(fd_.valid()) << "epoll_create1"; }

  // `tag` is not null, and comes back when `fd` is ready. False, and errno, if
  // the kernel watches no more.
  bool Add(int fd, uint32_t events, void* tag) {
    return Control(EPOLL_CTL_ADD, fd, events, tag);
  }
  bool Change(int fd, uint32_t events, void* tag) {
    return Control(EPOLL_CTL_MOD, fd, events, tag);
  }
  void Remove(int fd) { Control(EPOLL_CTL_DEL, fd, 0, nullptr); }

  // Calls `on_ready` with the tag of each that is ready, until told to stop.
  void RunUntil(const StopSignal& stop,
                absl::FunctionRef<void(void* tag)> on_ready) {
    PCHECK(Add(stop.fd(), EPOLLIN, nullptr));
    std::array<epoll_event, kMaxEvents> events;
    while (true) {
      const int ready = epoll_wait(fd_.get(), events.data(), kMaxEvents, -1);
      PCHECK(ready >= 0 || errno == EINTR) << "epoll_wait";
      { MutexLock lock(&mu_); }  // with Control(), see there
      for (int i = 0; i < ready; ++i) {
        void* const tag = events[i].data.ptr;
        if (tag == nullptr) return;
        on_ready(tag);
      }
    }
  }

 private:
  static constexpr int kMaxEvents = 1'024;

  // What a thread did before it armed a descriptor comes before what is done
  // about its next report. Of the kernel's part in that C++ knows nothing (nor
  // does ThreadSanitizer): the lock, which is held until the kernel has armed
  // it and taken before a report is handed on, says the same.
  bool Control(int operation, int fd, uint32_t events, void* tag) {
    MutexLock lock(&mu_);
    epoll_event event = {.events = events, .data = {.ptr = tag}};
    return epoll_ctl(fd_.get(), operation, fd, &event) == 0;
  }

  Mutex mu_;
  const UniqueFd fd_{epoll_create1(EPOLL_CLOEXEC)};
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_DESIGNS_EPOLL_SET_H_
