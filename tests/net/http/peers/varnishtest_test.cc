// Scripts of varnishtest, which speaks HTTP with a client of its own, strictly.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/examples/process.h"
#include "tests/net/http/peers/witness_server.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

constexpr char kProgram[] = "/usr/bin/varnishtest";

class VarnishtestTest : public ::testing::TestWithParam<const char*> {};

TEST_P(VarnishtestTest, Passes) {
  if (!std::filesystem::exists(kProgram)) {
    GTEST_SKIP() << "varnishtest is not installed: tools/setup";
  }
  const TempDirectory directory;  // where it makes files, if TMPDIR says so
  const WitnessServer server;
  const std::string script =
      absl::StrCat("tests/net/http/peers/vtc/", GetParam(), ".vtc");
  const Ended ended =
      RunCommand({"env", "TMPDIR=" + directory.path().string(), kProgram, "-t",
                  "30", absl::StrCat("-Dport=", server.port()), script});
  EXPECT_EQ(ended.exit_code, 0) << testing::PrintToString(ended);
}

INSTANTIATE_TEST_SUITE_P(All, VarnishtestTest,
                         ::testing::Values("bodies", "closing", "heads",
                                           "pipelining", "refusals"),
                         [](const auto& param) {
                           return std::string(param.param);
                         });

}  // namespace
}  // namespace rondo
