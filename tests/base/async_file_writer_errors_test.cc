// Disks that are full, and files that are rotated.
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/async_file_writer.h"
#include "tests/base/async_file_writer_fixture.h"
#include "tests/net/reactor/warnings.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using AsyncFileWriterErrorsTest = AsyncFileWriterTest;

// While it lives, files cannot grow beyond a size: setrlimit(2). The write that
// comes to it is short, the next one fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(size_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    PCHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    PCHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    PCHECK(setrlimit(RLIMIT_FSIZE, &before_) == 0);
    signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_;
};

// Those of `writers`, with `lines` each, sorted.
std::vector<std::string> NumberedLines(int writers, int lines) {
  std::vector<std::string> all;
  for (int w = 0; w < writers; ++w) {
    for (int i = 0; i < lines; ++i) all.push_back(NumberedLine(w, i));
  }
  std::sort(all.begin(), all.end());
  return all;
}

// The lines of all files of a folder, sorted.
std::vector<std::string> AllLines(const fs::path& folder) {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto lines = LinesOf(Contents(entry.path()));
    all.insert(all.end(), lines.begin(), lines.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

// --- Errors. -----------------------------------------------------------------

TEST_F(AsyncFileWriterErrorsTest, TellsOfAFullDiskOnceAndWhoFlushes) {
  fs::create_symlink(kFullDisk, path_);
  Warnings warnings;
  auto writer = NewWriter(path_);
  writer->Append("one\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(std::string(writer->Flush().message()),
                HasSubstr("cannot write " + path_.string() +
                          ": No space left on device"));
  }
  EXPECT_EQ(writer->counters().failed_writes, 3u);
  EXPECT_THAT(warnings.Take(), ElementsAre(HasSubstr("No space left")));
  writer.reset();
  EXPECT_THAT(warnings.Take(), ElementsAre(HasSubstr("4 bytes are lost")));
}

TEST_F(AsyncFileWriterErrorsTest, TriesAgainByItself) {
  const auto writer = AsyncFileWriter::Create(
      {.path = kFullDisk, .max_delay = absl::Microseconds(100)});
  ASSERT_TRUE(writer.ok());
  (*writer)->Append("one\n");
  while ((*writer)->counters().failed_writes < 3) std::this_thread::yield();
}

TEST_F(AsyncFileWriterErrorsTest, GoesOnWhereAShortWriteHasEnded) {
  constexpr size_t kLimit = 1'000'003;  // not the end of a line
  Warnings warnings;
  const auto writer = NewWriter(path_);
  std::string expected;
  {
    const FileSizeLimit limit(kLimit);
    while (expected.size() < 2 * kLimit) {
      const std::string line = NumberedLine(0, expected.size());
      EXPECT_TRUE(writer->Append(line));
      expected += line;
    }
    EXPECT_FALSE(writer->Flush().ok());
    EXPECT_EQ(fs::file_size(path_), kLimit);
  }
  writer->Append("the end\n");
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), expected + "the end\n");
  EXPECT_EQ(writer->counters().written_bytes, expected.size() + 8);
  EXPECT_THAT(warnings.Take(),
              ElementsAre(HasSubstr("cannot write"), HasSubstr("again")));
}

// --- Rotation. ---------------------------------------------------------------

TEST_F(AsyncFileWriterErrorsTest, AfterReopenLinesGoToANewFile) {
  const auto writer = NewWriter(path_);
  writer->Append("one\n");
  EXPECT_TRUE(writer->Flush().ok());
  fs::rename(path_, folder_ / "log.1");
  writer->Append("two\n");
  writer->Reopen();
  EXPECT_TRUE(writer->Flush().ok());
  writer->Append("three\n");
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(folder_ / "log.1"), "one\ntwo\n");
  EXPECT_EQ(Contents(path_), "three\n");
}

TEST_F(AsyncFileWriterErrorsTest, ReopensWithNothingToWrite) {
  const auto writer = NewWriter(path_);
  fs::rename(path_, folder_ / "log.1");
  writer->Reopen();
  while (!fs::exists(path_)) std::this_thread::yield();
}

TEST_F(AsyncFileWriterErrorsTest, LosesNoLineWhileFilesAreRotated) {
  constexpr int kWriters = 3;
  constexpr int kLines = 20'000;
  const auto writer = NewWriter(path_);
  int files = 1;
  std::atomic<int> running{kWriters};
  {
    std::vector<Thread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.push_back(NewThread("writer", [&, w] {
        for (int i = 0; i < kLines; ++i) {
          EXPECT_TRUE(writer->Append(NumberedLine(w, i)));
        }
        --running;
      }));
    }
    for (; running > 0; ++files) {
      fs::rename(path_, folder_ / absl::StrCat("log.", files));
      writer->Reopen();
      EXPECT_TRUE(writer->Flush().ok());
    }
  }
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_GT(files, 1);
  EXPECT_EQ(AllLines(folder_.path()), NumberedLines(kWriters, kLines));
}

TEST_F(AsyncFileWriterErrorsTest, GoesOnWithTheOldFileIfThereIsNoNewOne) {
  const fs::path moved = folder_ / "moved";
  fs::create_directory(folder_ / "logs");
  Warnings warnings;
  const auto writer = NewWriter(folder_ / "logs/log");
  fs::rename(folder_ / "logs", moved);
  writer->Append("one\n");
  writer->Reopen();
  writer->Append("two\n");
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(moved / "log"), "one\ntwo\n");
  EXPECT_EQ(writer->counters().failed_reopens, 1u);
  EXPECT_THAT(warnings.Take(), ElementsAre(HasSubstr("cannot open")));
}

TEST_F(AsyncFileWriterErrorsTest, ANewFileTakesWhatAFullOneCouldNot) {
  fs::create_symlink(kFullDisk, path_);
  const auto writer = NewWriter(path_);
  writer->Append("one\n");
  EXPECT_FALSE(writer->Flush().ok());
  writer->Append("two\n");
  fs::remove(path_);
  writer->Reopen();
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), "one\ntwo\n");
}

TEST_F(AsyncFileWriterErrorsTest, ALineThatAFullDiskHasCutIsWholeInTheNewFile) {
  const fs::path old = folder_ / "log.1";
  const auto writer = NewWriter(path_);
  const FileSizeLimit limit(11);
  writer->Append("first\nsecond\nthird\n");
  writer->Append("fourth\n");
  EXPECT_FALSE(writer->Flush().ok());
  fs::rename(path_, old);
  writer->Reopen();
  EXPECT_FALSE(writer->Flush().ok());  // also too small for it
  EXPECT_EQ(Contents(old), "first\nsecon");
  EXPECT_EQ(Contents(path_), "second\nthir");
  fs::rename(path_, folder_ / "log.2");
  writer->Reopen();
  EXPECT_FALSE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), "third\nfourt");
}

}  // namespace
}  // namespace rondo
