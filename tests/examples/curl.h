#ifndef RONDO_TESTS_EXAMPLES_CURL_H_
#define RONDO_TESTS_EXAMPLES_CURL_H_

#include <string_view>
#include <utility>

#include "tests/examples/example_process.h"
#include "tests/examples/process.h"

namespace rondo {

// Runs curl, of which only what it gets and what goes wrong is shown, without
// the proxies and options that the machine may have for it.
inline Ended Curl(Flags arguments, std::string_view input = "") {
  arguments.insert(arguments.begin(), {"curl", "-q", "-sS", "--noproxy", "*"});
  return RunCommand(std::move(arguments), input);
}

}  // namespace rondo

#endif  // RONDO_TESTS_EXAMPLES_CURL_H_
