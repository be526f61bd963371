#include "tests/examples/wrk.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

// The number after `name`, or before it; 0 if that is not there, as wrk leaves
// out what did not happen.
int64_t NumberAfter(std::string_view text, std::string_view name) {
  const size_t found = text.find(name);
  if (found == std::string_view::npos) return 0;
  const size_t begin = found + name.size();
  const size_t end = text.find_first_not_of("0123456789", begin);
  int64_t number = 0;
  EXPECT_TRUE(
      absl::SimpleAtoi(std::string(text.substr(begin, end - begin)), &number))
      << text;
  return number;
}

int64_t NumberBefore(std::string_view text, std::string_view name) {
  const size_t end = text.find(name);
  if (end == std::string_view::npos) return 0;
  const size_t before = text.find_last_not_of("0123456789", end - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  int64_t number = 0;
  EXPECT_TRUE(
      absl::SimpleAtoi(std::string(text.substr(begin, end - begin)), &number))
      << text;
  return number;
}

}  // namespace

// The duration is for a test that hangs; SIGINT ends it before.
Wrk::Wrk(const std::string& url, int connections)
    : process_({.argv = {"wrk", "--threads=1", "--duration=60s",
                         absl::StrCat("--connections=", connections), url}}) {}

Wrk::Result Wrk::Finish() {
  process_.Signal(SIGINT);
  const Ended& ended = process_.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  const std::string& text = ended.output;
  EXPECT_NE(text.find(" requests in "), std::string::npos) << text;
  return {.requests = NumberBefore(text, " requests in "),
          .connect_errors = NumberAfter(text, "Socket errors: connect "),
          .read_errors = NumberAfter(text, ", read "),
          .write_errors = NumberAfter(text, ", write "),
          .timeouts = NumberAfter(text, ", timeout "),
          .bad_replies = NumberAfter(text, "Non-2xx or 3xx responses: "),
          .output = text};
}

}  // namespace rondo
