#include "tests/soak/flood_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/examples/process_stats.h"

namespace rondo {
namespace {

Process::Options Command(const FloodProcess::Options& options) {
  const char* const runfiles = std::getenv("TEST_SRCDIR");
  const char* const workspace = std::getenv("TEST_WORKSPACE");
  EXPECT_TRUE(runfiles != nullptr && workspace != nullptr) << "not in Bazel";
  return {
      .argv = {
          absl::StrCat(runfiles, "/", workspace, "/tests/soak/flood_server"),
          absl::StrCat("--flood_bytes=", options.flood_bytes),
          absl::StrCat("--high_water_mark_bytes=",
                       options.high_water_mark_bytes),
          absl::StrCat("--max_output_bytes=", options.max_output_bytes),
          absl::StrCat("--heedless=", options.heedless ? "true" : "false")}};
}

// The number behind the last space of what it prints.
int LastNumber(const std::string& line) {
  int result = -1;
  EXPECT_TRUE(absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &result))
      << line;
  return result;
}

}  // namespace

FloodProcess::FloodProcess(const Options& options)
    : process_(Command(options)),
      port_(static_cast<uint16_t>(LastNumber(process_.ReadLine()))),
      first_resident_bytes_(ResidentBytes(pid())),
      first_descriptors_(CountDescriptors(pid())) {}

// proc(5), status, in kilobytes.
size_t FloodProcess::PeakResidentBytes() const {
  std::ifstream status(absl::StrCat("/proc/", pid(), "/status"));
  std::string word;
  while (status >> word && word != "VmHWM:") {
  }
  size_t kilobytes = 0;
  status >> kilobytes;
  EXPECT_GT(kilobytes, 0u) << "no VmHWM";
  return kilobytes * 1'024;
}

size_t FloodProcess::OpenConnections() const {
  return CountDescriptors(pid()) - first_descriptors_;
}

int FloodProcess::Stop() {
  process_.Signal(SIGTERM);
  const int closed = LastNumber(process_.ReadLine());
  const Ended& ended = process_.Wait();
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
  return closed;
}

}  // namespace rondo
