#include "base/init.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <string>

namespace rondo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Ended {
  int exit_code;
  std::string output;  // standard output and standard error
};

// Runs the probe with `arguments`, which the shell splits, once the shell has
// run `before`.
Ended RunProbe(const std::string& arguments, const std::string& before = "") {
  const std::string command =
      before + " tests/base/init_probe " + arguments + " 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  PCHECK(pipe != nullptr);
  Ended ended;
  char bytes[4096];
  size_t n;
  while ((n = fread(bytes, 1, sizeof(bytes), pipe)) > 0) {
    ended.output.append(bytes, n);
  }
  const int status = pclose(pipe);
  ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

TEST(InitProgramTest, ParsesFlagsAndIgnoresSigpipe) {
  const Ended ended = RunProbe("--port=7 --fast");
  EXPECT_EQ(ended.exit_code, kExitOk);
  EXPECT_THAT(ended.output, StartsWith("port 7, fast 1, SIGPIPE ignored\n"));
}

TEST(InitProgramTest, KeepsDefaults) {
  const Ended ended = RunProbe("");
  EXPECT_EQ(ended.exit_code, kExitOk);
  EXPECT_THAT(ended.output, HasSubstr("port 8080, fast 0"));
}

TEST(InitProgramTest, AllowsAsManyOpenFilesAsTheHardLimit) {
  EXPECT_THAT(RunProbe("", "ulimit -Sn 100; ulimit -Hn 200;").output,
              HasSubstr("\nopen files 200 of 200\n"));
}

TEST(InitProgramTest, HelpPrintsUsageAndFlagsGroupedByFile) {
  const Ended ended = RunProbe("--help");
  EXPECT_EQ(ended.exit_code, kExitOk);
  EXPECT_THAT(ended.output, StartsWith("Prints what it was told."));
  EXPECT_THAT(
      ended.output,
      HasSubstr("\ninit probe:\n"
                "  --fast  (bool, default false)\n      Whether to hurry.\n"));
  EXPECT_THAT(
      ended.output,
      HasSubstr("\nprobe flags:\n"
                "  --host  (string, default \"::\")\n      On which address.\n"
                "  --port  (int32, default 8080)\n      Where to listen.\n"));
}

TEST(InitProgramTest, HelpDoesNotRunTheProgram) {
  EXPECT_THAT(RunProbe("--help").output, Not(HasSubstr("SIGPIPE")));
}

TEST(InitProgramTest, HelpHidesTheLibrariesFlags) {
  const std::string help = RunProbe("--help").output;
  EXPECT_THAT(help, Not(HasSubstr("--logtostderr")));
  EXPECT_THAT(help, Not(HasSubstr("--flagfile")));
  EXPECT_THAT(help, Not(HasSubstr("--vmodule")));
  EXPECT_THAT(help, HasSubstr("--helpfull"));
}

TEST(InitProgramTest, HelpfullListsTheLibrariesFlagsToo) {
  EXPECT_THAT(RunProbe("--helpfull").output,
              AllOf(HasSubstr("-logtostderr"), HasSubstr("-port")));
}

TEST(InitProgramTest, UnknownFlagIsNamed) {
  const Ended ended = RunProbe("--prot=7");
  EXPECT_EQ(ended.exit_code, kExitBadFlags);
  EXPECT_THAT(ended.output, HasSubstr("prot"));
  EXPECT_THAT(ended.output, Not(HasSubstr("SIGPIPE")));
}

TEST(InitProgramTest, BadValueIsNamedWithItsFlag) {
  const Ended ended = RunProbe("--port=seven");
  EXPECT_EQ(ended.exit_code, kExitBadFlags);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("port"), HasSubstr("seven")));
  EXPECT_THAT(ended.output, Not(HasSubstr("SIGPIPE")));
}

TEST(InitProgramTest, ArgumentThatIsNoFlagIsNamed) {
  const Ended ended = RunProbe("--port=7 stray");
  EXPECT_EQ(ended.exit_code, kExitBadFlags);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("'stray'"), HasSubstr("--help")));
  EXPECT_THAT(ended.output, Not(HasSubstr("SIGPIPE")));
}

TEST(InitProgramTest, ALogFileThatCannotBeOpenedIsNamed) {
  const Ended ended = RunProbe("--log_file=/nowhere/log");
  EXPECT_EQ(ended.exit_code, kExitBadFlags);
  EXPECT_EQ(ended.output,
            "ERROR: --log_file: cannot open /nowhere/log: No such file or "
            "directory\n");
}

TEST(InitProgramTest, ErrorsWinOverHelp) {
  const Ended ended = RunProbe("--help --prot=7");
  EXPECT_EQ(ended.exit_code, kExitBadFlags);
  EXPECT_THAT(ended.output, HasSubstr("prot"));
}

}  // namespace
}  // namespace rondo
