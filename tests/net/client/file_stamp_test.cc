#include "net/client/file_stamp.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

namespace rondo {
namespace {

class FileStampTest : public ::testing::Test {
 protected:
  ~FileStampTest() override { std::remove(path_.c_str()); }

  static void Write(const std::string& path, std::string_view text) {
    std::ofstream(path) << text;
  }
  FileStamp Now() const { return FileStamp::Of(path_); }

  const std::string path_ = ::testing::TempDir() + "/stamped";
};

TEST_F(FileStampTest, OfWhatStaysAsItIsIsTheSame) {
  Write(path_, "one");
  const FileStamp before = Now();
  EXPECT_EQ(before.bytes, 3);
  EXPECT_GT(before.modified_ns, 0);
  EXPECT_EQ(before, Now());
}

TEST_F(FileStampTest, TellsThatTheContentHasGrown) {
  Write(path_, "one");
  const FileStamp before = Now();
  Write(path_, "three");
  EXPECT_EQ(before.inode, Now().inode);
  EXPECT_NE(before, Now());
}

// The kernel's clock for files may stand still between two writes: the test
// says when they were.
TEST_F(FileStampTest, TellsThatContentOfTheSameSizeWasWrittenLater) {
  Write(path_, "one");
  const timespec first[2] = {{.tv_sec = 1'000, .tv_nsec = 1},
                             {.tv_sec = 1'000, .tv_nsec = 1}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), first, 0), 0);
  const FileStamp before = Now();
  EXPECT_EQ(before.modified_ns, 1'000'000'000'001);
  Write(path_, "two");
  const timespec later[2] = {{.tv_sec = 1'000, .tv_nsec = 2},
                             {.tv_sec = 1'000, .tv_nsec = 2}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), later, 0), 0);
  EXPECT_EQ(before.bytes, Now().bytes);
  EXPECT_NE(before, Now());
}

TEST_F(FileStampTest, TellsThatAnotherFileIsInItsPlace) {
  Write(path_, "one");
  const FileStamp before = Now();
  const std::string next = path_ + ".new";
  Write(next, "two");
  ASSERT_EQ(std::rename(next.c_str(), path_.c_str()), 0);
  EXPECT_EQ(before.bytes, Now().bytes);
  EXPECT_NE(before.inode, Now().inode);
  EXPECT_NE(before, Now());
}

TEST_F(FileStampTest, OfAMissingFileIsZero) {
  EXPECT_EQ(Now(), FileStamp());
  Write(path_, "");
  EXPECT_NE(Now(), FileStamp());
  std::remove(path_.c_str());
  EXPECT_EQ(Now(), FileStamp());
}

}  // namespace
}  // namespace rondo
