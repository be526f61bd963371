#include "tests/examples/example_process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rondo {
namespace {

constexpr std::string_view kListening = " listening on ";

// Absolute, so that the program can run in another directory. Runfiles as in
// https://bazel.build/reference/test-encyclopedia; by hand, from the top.
std::string Path(std::string_view name) {
  const char* const runfiles = getenv("TEST_SRCDIR");
  const char* const workspace = getenv("TEST_WORKSPACE");
  std::string top = ".";
  if (runfiles != nullptr && workspace != nullptr) {
    top = absl::StrCat(runfiles, "/", workspace);
  }
  return absl::StrCat(top, "/examples/", std::string(name), "/",
                      std::string(name));
}

Flags WithServerDefaults(Flags flags) {  // of two, the last counts
  flags.insert(flags.begin(), {"--port=0", "--stall_limit=inf"});
  return flags;
}

}  // namespace

Process::Options Example(std::string_view name, Flags flags,
                         std::string directory) {
  flags.insert(flags.begin(), Path(name));
  return {.argv = std::move(flags), .directory = std::move(directory)};
}

Ended RunExample(std::string_view name, Flags flags, std::string directory) {
  Process process(Example(name, std::move(flags), std::move(directory)));
  process.CloseInput();
  return process.Wait();
}

// As glog writes it: the severity, the time, the thread, the source.
std::string StoppedLine(std::string_view name, const StopCounts& counts) {
  return absl::StrCat("I[0-9]+ [0-9:.]+ +[0-9]+ serving\\.cc:[0-9]+\\] ",
                      std::string(name), " stopped: ", counts.drained,
                      " connections drained, ", counts.forced, " forced, ",
                      counts.unsent_bytes, " bytes unsent\n");
}

ExampleServer::ExampleServer(std::string_view name, Flags flags,
                             std::string directory)
    : process_(Example(name, WithServerDefaults(std::move(flags)),
                       std::move(directory))),
      start_line_(process_.ReadLine()) {
  if (start_line_.find(kListening) != name.size()) {
    ADD_FAILURE() << "does not listen: " << start_line_ << "\n"
                  << testing::PrintToString(process_.Wait());
  }
}

ExampleServer::~ExampleServer() {
  if (!process_.running()) return;
  const Ended& ended = Stop();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
}

std::string ExampleServer::address() const {
  const size_t found = start_line_.find(kListening);
  if (found == std::string::npos) return "";
  const size_t begin = found + kListening.size();
  return start_line_.substr(begin, start_line_.find(' ', begin) - begin);
}

uint16_t ExampleServer::port() const {
  const std::string text = address();
  int port = 0;
  if (!absl::SimpleAtoi(text.substr(text.rfind(':') + 1), &port)) return 0;
  return static_cast<uint16_t>(port);
}

const Ended& ExampleServer::Stop(int signal) {
  process_.Signal(signal);
  return process_.Wait();
}

}  // namespace rondo
