#include "tests/soak/first_in_line.h"

#include <glog/logging.h>
#include <sched.h>

namespace rondo {
namespace {

constexpr rlim_t kMaxMicrosecondsWithoutWait = 500'000;

bool SetPolicy(int policy, int priority) {
  sched_param parameters = {};
  parameters.sched_priority = priority;
  return sched_setscheduler(0, policy, &parameters) == 0;
}

}  // namespace

FirstInLine::FirstInLine() {
  PCHECK(getrlimit(RLIMIT_RTTIME, &before_) == 0);
  rlimit limit = before_;
  limit.rlim_cur = kMaxMicrosecondsWithoutWait;
  allowed_ = setrlimit(RLIMIT_RTTIME, &limit) == 0 && SetPolicy(SCHED_FIFO, 1);
}

FirstInLine::~FirstInLine() {
  if (allowed_) PCHECK(SetPolicy(SCHED_OTHER, 0));
  PCHECK(setrlimit(RLIMIT_RTTIME, &before_) == 0);
}

}  // namespace rondo
