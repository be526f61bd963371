#include "examples/upload/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>

#include "tests/testing/temp_directory.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

using examples::NewFile;
using Outcome = NewFile::Outcome;

class NewFileTest : public testing::Test {
 protected:
  std::string path() const { return directory_.path(); }
  // Finished or not.
  int CountFiles() const {
    return static_cast<int>(std::distance(fs::directory_iterator(path()),
                                          fs::directory_iterator()));
  }

  TempDirectory directory_;
};

TEST_F(NewFileTest, HasItsNameOnceItIsWhole) {
  NewFile file(path(), "name");
  EXPECT_EQ(CountFiles(), 0);
  EXPECT_TRUE(file.Append("one "));
  EXPECT_TRUE(file.Append("two"));
  EXPECT_FALSE(fs::exists(directory_ / "name"));
  EXPECT_EQ(CountFiles(), 1);
  EXPECT_EQ(file.Finish(), Outcome::kCreated);
  EXPECT_EQ(Contents(directory_ / "name"), "one two");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(NewFileTest, SaysThatItReplaces) {
  for (const Outcome outcome : {Outcome::kCreated, Outcome::kReplaced}) {
    NewFile file(path(), "name");
    EXPECT_EQ(file.Finish(), outcome);
  }
  EXPECT_EQ(Contents(directory_ / "name"), "");
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(NewFileTest, LeavesNothingIfItDoesNotBecomeWhole) {
  {
    NewFile file(path(), "name");
    EXPECT_TRUE(file.Append("some"));
    EXPECT_EQ(CountFiles(), 1);
  }
  EXPECT_EQ(CountFiles(), 0);
}

TEST_F(NewFileTest, LeavesNothingIfItCannotHaveItsName) {
  fs::create_directory(directory_ / "name");
  {
    NewFile file(path(), "name");
    EXPECT_TRUE(file.Append("some"));
    EXPECT_EQ(file.Finish(), Outcome::kFailed);
    EXPECT_EQ(errno, EISDIR);
  }
  EXPECT_EQ(CountFiles(), 1);
}

TEST_F(NewFileTest, FailsWhereThereIsNoFolder) {
  NewFile file(path() + "/none", "name");
  EXPECT_FALSE(file.Append("some"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(file.Finish(), Outcome::kFailed);
}

TEST_F(NewFileTest, HasTheModeThatTheUmaskLeaves) {
  const mode_t before = umask(027);
  NewFile file(path(), "name");
  EXPECT_EQ(file.Finish(), Outcome::kCreated);
  umask(before);
  EXPECT_EQ(fs::status(directory_ / "name").permissions(), fs::perms{0640});
}

}  // namespace
}  // namespace rondo
