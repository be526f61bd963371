// Where the log of a program goes, and that no line is lost on the way. Flags
// that are wrong: init_test.cc.
#include "base/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/init.h"
#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A directory of its own for each test; `$LOG` is in it.
class LogFileTest : public ::testing::Test {
 protected:
  // Has the probe carry out `commands`, with $LOG standing for the file's path,
  // and keeps what it prints. True if it ended well.
  bool RunProbe(const std::string& commands, const std::string& flags) {
    const std::string out = directory_ / "stdout";
    const std::string err = directory_ / "stderr";
    const std::string command = "LOG=" + log_.string() +
                                "; tests/base/log_probe " + flags + " >" + out +
                                " 2>" + err + " <<END\n" + commands + "END\n";
    const int status = system(command.c_str());
    output_ = Contents(out);
    errors_ = Contents(err);
    return WIFEXITED(status) && WEXITSTATUS(status) == kExitOk;
  }
  bool RunProbe(const std::string& commands) {
    return RunProbe(commands, "--log_file=$LOG");
  }

  const TempDirectory directory_;
  fs::path log_ = directory_ / "log";
  std::string output_;  // the probe's stdout
  std::string errors_;  // and stderr
};

TEST_F(LogFileTest, WithNoFlagTheLogGoesToStderr) {
  EXPECT_TRUE(RunProbe("log hello\nreopen\nlog again\n", ""));
  EXPECT_THAT(errors_, AllOf(HasSubstr("] hello\n"), HasSubstr("] again\n")));
}

TEST_F(LogFileTest, AppendsToTheFile) {
  std::ofstream(log_) << "was here\n";
  EXPECT_TRUE(RunProbe("log one\nlog two\n"));
  EXPECT_THAT(
      Contents(log_),
      ::testing::MatchesRegex("was here\nI[^\n]*\\] one\nI[^\n]*\\] two\n"));
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(output_, IsEmpty());
}

TEST_F(LogFileTest, GetsWhatIsPrintedToStderr) {
  EXPECT_TRUE(RunProbe("print oops\n"));
  EXPECT_EQ(Contents(log_), "oops\n");
}

TEST_F(LogFileTest, IsReadableByAllAndWrittenByItsOwner) {
  umask(022);
  EXPECT_TRUE(RunProbe("log x\n"));
  EXPECT_EQ(fs::status(log_).permissions(), fs::perms(0644));
}

TEST_F(LogFileTest, HelpDoesNotMakeIt) {
  EXPECT_TRUE(RunProbe("", "--log_file=$LOG --help"));
  EXPECT_FALSE(fs::exists(log_));
  EXPECT_THAT(output_, HasSubstr("\nlog file:\n  --log_file  (string"));
}

TEST_F(LogFileTest, ARenamedFileGetsWhatIsLoggedUntilItIsReopened) {
  EXPECT_TRUE(
      RunProbe("log one\n"
               "rename $LOG $LOG.1\n"
               "log two\n"
               "reopen\n"
               "log three\n"));
  EXPECT_THAT(
      Contents(log_.string() + ".1"),
      AllOf(HasSubstr("] one\n"), EndsWith("] two\n"), Not(HasSubstr("thr"))));
  EXPECT_THAT(Contents(log_),
              AllOf(EndsWith("] three\n"), Not(HasSubstr("two"))));
}

TEST_F(LogFileTest, GoesOnWithTheOldFileIfItCannotBeReopened) {
  const fs::path folder = directory_ / "folder";
  fs::create_directory(folder);
  log_ = folder / "log";
  const fs::path moved = directory_ / "moved";
  EXPECT_TRUE(RunProbe("log one\nrename " + folder.string() + " " +
                       moved.string() + "\nreopen\nlog two\n"));
  EXPECT_THAT(Contents(moved / "log"),
              AllOf(HasSubstr("] one\n"),
                    HasSubstr("] --log_file: cannot open " + log_.string() +
                              ": No such file or directory\n"),
                    EndsWith("] two\n")));
  EXPECT_THAT(errors_, IsEmpty());
}

TEST_F(LogFileTest, LeaksNoDescriptor) {
  EXPECT_TRUE(RunProbe("descriptors\n", ""));
  const std::string without = output_;
  EXPECT_TRUE(
      RunProbe("descriptors\nreopen\nreopen\nreopen\n"
               "descriptors\n"));
  EXPECT_EQ(output_, without + without);
}

// Threads log while others rename the file and open it anew: each line is in
// one of the files, whole and once.
TEST_F(LogFileTest, LosesNoLineWhileItIsReopened) {
  constexpr int kLines = 2'000;
  ASSERT_TRUE(RunProbe("storm " + std::to_string(kLines) + "\n"));
  EXPECT_THAT(errors_, IsEmpty());
  std::vector<std::string> logged;
  int files = 0;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    if (!entry.path().filename().string().starts_with("log")) continue;
    ++files;
    std::ifstream in(entry.path());
    std::string line;
    while (std::getline(in, line)) {
      logged.push_back(line.substr(line.find(']') + 1));
    }
  }
  EXPECT_GT(files, 1);
  std::vector<std::string> expected;
  for (int t = 0; t < 3; ++t) {
    for (int i = 0; i < kLines; ++i) {
      expected.push_back(" line " + std::to_string(t) + "-" +
                         std::to_string(i));
    }
  }
  std::sort(logged.begin(), logged.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(logged, expected);
}

}  // namespace
}  // namespace rondo
