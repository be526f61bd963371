#ifndef RONDO_TESTS_EXAMPLES_EXAMPLE_PROCESS_H_
#define RONDO_TESTS_EXAMPLES_EXAMPLE_PROCESS_H_

#include <signal.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/examples/process.h"

namespace rondo {

using Flags = std::vector<std::string>;

// Runs an example ("hello") to its end.
Ended RunExample(std::string_view name, Flags flags,
                 std::string directory = "");

// An example that does not end by itself, or not soon.
Process::Options Example(std::string_view name, Flags flags,
                         std::string directory = "");

// What a server counts in the line that it logs when it has stopped, each as a
// regular expression.
struct StopCounts {
  std::string drained = "[0-9]+";
  std::string forced = "0";
  std::string unsent_bytes = "0";
};

// That line, to be matched with MatchesRegex(). A server that was not given
// anything to complain of writes it to standard error, and nothing else.
std::string StoppedLine(std::string_view name, const StopCounts& counts = {});

// A running server example, on a port that the system chose unless `flags` say
// otherwise. The constructor returns when it listens. It does not log stalls,
// of which there are some wherever other programs run, unless `flags` say so.
//
// Threading: one thread at a time.
// Ownership and lifetime: the destructor ends it by SIGTERM, unless it has
// ended, and fails the test if its exit code is not 0: so each test finds what
// a sanitizer has to say.
class ExampleServer {
 public:
  explicit ExampleServer(std::string_view name, Flags flags = {},
                         std::string directory = "");
  ~ExampleServer();

  Process& process() { return process_; }
  const std::string& start_line() const { return start_line_; }
  std::string address() const;  // "127.0.0.1:8080", as in the start line
  uint16_t port() const;
  std::string port_text() const { return std::to_string(port()); }
  std::string url() const { return "http://" + address() + "/"; }

  // Ends it by `signal` and waits for the end.
  const Ended& Stop(int signal = SIGTERM);

 private:
  Process process_;
  std::string start_line_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_EXAMPLE_PROCESS_H_
