#ifndef RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_
#define RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_

#include <signal.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/examples/process.h"

namespace rondo {

// Runs a design ("poll_loop") to its end.
Ended RunDesign(std::string_view name, std::vector<std::string> flags);

// A running design of examples/designs, on a port that the system chose. The
// constructor returns when it listens.
//
// Threading: one thread at a time.
// Ownership and lifetime: the destructor ends it by SIGTERM, unless it has
// ended, and fails the test if its exit code is not 0.
class DesignServer {
 public:
  explicit DesignServer(std::string_view name,
                        std::vector<std::string> flags = {});
  ~DesignServer();

  const std::string& start_line() const { return start_line_; }
  std::string address() const;  // "127.0.0.1:8080", as in the start line
  uint16_t port() const;
  pid_t pid() const { return process_.pid(); }

  // Ends it by `signal`, waits for the end, and expects exit code 0.
  const Ended& Stop(int signal = SIGTERM);

 private:
  Process process_;
  std::string start_line_;
};

// How often `text` occurs in `all`.
int CountOf(std::string_view text, std::string_view all);

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_DESIGNS_DESIGN_SERVER_H_
