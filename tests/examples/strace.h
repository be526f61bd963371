#ifndef RONDO_TESTS_EXAMPLES_STRACE_H_
#define RONDO_TESTS_EXAMPLES_STRACE_H_

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/examples/process.h"

namespace rondo {

// strace(1) beside a process or thread that runs already, until it is
// destroyed; a pipe holds what it says until that is read.
//
// Threading: one thread at a time.
class Strace {
 public:
  Strace(pid_t pid, std::vector<std::string> options)
      : process_({.argv = Command(pid, std::move(options))}),
        first_line_(process_.ReadLine()) {}
  ~Strace() { Finish(); }

  bool permitted() const {
    return first_line_.find(" attached") != std::string::npos;
  }
  const std::string& first_line() const { return first_line_; }

  // What it says next.
  std::string ReadLine() { return process_.ReadLine(); }
  bool running() const { return process_.running(); }

  // Lets it go.
  void Finish() {
    process_.Signal(SIGINT);
    process_.Wait();
  }

 private:
  static std::vector<std::string> Command(pid_t pid,
                                          std::vector<std::string> options) {
    options.insert(options.begin(),
                   {"sh", "-c", "exec strace \"$@\" 2>&1", "strace"});
    options.insert(options.end(), {"-p", std::to_string(pid)});
    return options;
  }

  Process process_;
  const std::string first_line_;
};

#define SKIP_UNLESS_PERMITTED(strace)                                 \
  if (!(strace).permitted()) {                                        \
    GTEST_SKIP() << "strace may not look: " << (strace).first_line(); \
  }

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_STRACE_H_
