#ifndef RONDO_TESTS_SOAK_FIRST_IN_LINE_H_
#define RONDO_TESTS_SOAK_FIRST_IN_LINE_H_

#include <sys/resource.h>

namespace rondo {

// While one lives, this thread, and what it starts, goes before all other
// programs if that is allowed: it is not their load that is to be measured. For
// loads that leave the CPUs idle most of the time: a thread of theirs that
// never waits would take the machine, so the kernel ends it (SIGXCPU) when it
// has not waited for half a second.
//
// A nice value would not do: it only counts within a session (sched(7), "The
// autogroup feature").
//
// Threading: one thread.
// Reference: sched(7), SCHED_FIFO; getrlimit(2), RLIMIT_RTTIME.
class FirstInLine {
 public:
  FirstInLine();
  ~FirstInLine();
  FirstInLine(const FirstInLine&) = delete;
  FirstInLine& operator=(const FirstInLine&) = delete;

  bool allowed() const { return allowed_; }

 private:
  rlimit before_;
  bool allowed_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_FIRST_IN_LINE_H_
