#ifndef RONDO_TESTS_EXAMPLES_WRK_H_
#define RONDO_TESTS_EXAMPLES_WRK_H_

#include <cstdint>
#include <string>

#include "tests/examples/process.h"

namespace rondo {

// wrk, a closed-loop HTTP client, on one thread, which runs until Finish().
class Wrk {
 public:
  struct Result {
    int64_t requests = 0;
    int64_t connect_errors = 0;
    int64_t read_errors = 0;
    int64_t write_errors = 0;  // refused connections are counted here
    int64_t timeouts = 0;
    int64_t bad_replies = 0;  // of another status than 2xx and 3xx
    std::string output;       // all that it wrote

    // A reply that did not come, or not whole, or was not wanted.
    int64_t lost_replies() const {
      return read_errors + timeouts + bad_replies;
    }
    int64_t errors() const {
      return connect_errors + write_errors + lost_replies();
    }
  };

  Wrk(const std::string& url, int connections);

  Result Finish();

 private:
  Process process_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_WRK_H_
