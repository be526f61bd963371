#include "net/reactor/wait_error.h"

#include <glog/logging.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace rondo {
namespace {

constexpr std::chrono::milliseconds kOutOfMemoryPause{10};

}  // namespace

void HandleWaitError(const char* call) {
  if (errno == EINTR) return;
  PCHECK(errno == ENOMEM) << call;  // poll(2) and select(2), "ERRORS"
  LOG_EVERY_T(WARNING, 1) << call << " is out of memory: trying again in "
                          << kOutOfMemoryPause.count() << " ms";
  // In place of the wait that cannot be had: a loop that only tried again would
  // take a CPU from whoever could free some memory.
  std::this_thread::sleep_for(kOutOfMemoryPause);
}

}  // namespace rondo
