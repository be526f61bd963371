#include "examples/designs/stop_signal.h"

#include <glog/logging.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>

namespace rondo::examples {

StopSignal::StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &signals, nullptr), 0);
  fd_.Reset(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  PCHECK(fd_.valid()) << "signalfd";
}

void StopSignal::Await() const {
  pollfd waiting = {.fd = fd(), .events = POLLIN, .revents = 0};
  while (poll(&waiting, 1, -1) < 0) PCHECK(errno == EINTR) << "poll";
}

}  // namespace rondo::examples
