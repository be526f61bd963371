#include "net/reactor/wakeup.h"

#include <glog/logging.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace rondo {

absl::StatusOr<Wakeup> Wakeup::Create() {
  UniqueFd fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) {
    return absl::ErrnoToStatus(
        errno,
        "eventfd (if files run out: raise `ulimit -n`, or use fewer threads)");
  }
  return Wakeup(std::move(fd));
}

void Wakeup::Notify() {
  const uint64_t one = 1;
  // EAGAIN: 2^64-2 notifications are unread, so it is readable already.
  const ssize_t n = ::write(fd_.get(), &one, sizeof(one));
  PCHECK(n == sizeof(one) || errno == EAGAIN) << "eventfd write";
}

uint64_t Wakeup::Clear() {
  uint64_t count = 0;
  const ssize_t n = ::read(fd_.get(), &count, sizeof(count));
  PCHECK(n == sizeof(count) || errno == EAGAIN) << "eventfd read";
  return count;
}

void Wakeup::Wait() {
  pollfd readable = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
  while (poll(&readable, 1, /*timeout=*/-1) != 1) {
    PCHECK(errno == EINTR) << "poll";
  }
}

}  // namespace rondo
