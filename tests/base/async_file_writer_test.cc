// What becomes of lines while all goes well, or is slow. Errors and rotation:
// async_file_writer_errors_test.cc. Memory: async_file_writer_memory_test.cc.
#include "base/async_file_writer.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "tests/base/async_file_writer_fixture.h"
#include "tests/testing/temp_directory.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Returns when the file has that many bytes.
void AwaitSize(const fs::path& path, size_t bytes) {
  while (fs::file_size(path) < bytes) std::this_thread::yield();
}

TEST_F(AsyncFileWriterTest, AppendsToWhatIsThere) {
  std::ofstream(path_) << "was here\n";
  const auto writer = NewWriter(path_);
  EXPECT_TRUE(writer->Append("one\n"));
  EXPECT_TRUE(writer->Append("two\nthree\n"));
  EXPECT_TRUE(writer->Append(""));
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), "was here\none\ntwo\nthree\n");
  EXPECT_EQ(writer->counters().appended_lines, 2u);
  EXPECT_EQ(writer->counters().written_bytes, 14u);
}

TEST_F(AsyncFileWriterTest, OthersMayAppendToTheFileToo) {
  const auto writer = NewWriter(path_);
  writer->Append("one\n");
  EXPECT_TRUE(writer->Flush().ok());
  std::ofstream(path_, std::ios::app) << "theirs\n";
  writer->Append("two\n");
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), "one\ntheirs\ntwo\n");
}

TEST_F(AsyncFileWriterTest, MakesAFileThatIsNotForEverybody) {
  const mode_t before = umask(0);
  const auto writer = NewWriter(path_);
  umask(before);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0640));
}

TEST_F(AsyncFileWriterTest, SaysWhyItCannotOpenItsFile) {
  const std::string path = folder_ / "none/log";
  const auto writer = AsyncFileWriter::Create({.path = path});
  ASSERT_FALSE(writer.ok());
  EXPECT_THAT(std::string(writer.status().message()),
              HasSubstr("cannot open " + path));
  EXPECT_THAT(std::string(writer.status().message()),
              HasSubstr("No such file or directory"));
}

TEST_F(AsyncFileWriterTest, NamesItsThread) {
  AsyncFileWriterOptions options;
  options.path = path_;
  options.thread_name = "scribe";
  const auto writer = AsyncFileWriter::Create(options);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Flush().ok());  // so the thread has begun
  bool found = false;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    found = found || Contents(task.path() / "comm") == "scribe\n";
  }
  EXPECT_TRUE(found);
}

TEST_F(AsyncFileWriterTest, WritesByItselfAfterTheDelay) {
  const auto writer = AsyncFileWriter::Create(
      {.path = path_, .max_delay = absl::Milliseconds(1)});
  ASSERT_TRUE(writer.ok());
  for (size_t i = 1; i <= 3; ++i) {  // it does so every time
    (*writer)->Append("x\n");
    AwaitSize(path_, 2 * i);
  }
}

TEST_F(AsyncFileWriterTest, WritesByItselfWhenThereIsEnough) {
  const auto writer = NewWriter(path_);
  const std::string line(AsyncFileWriter::kWriteAtBytes / 8 - 1, 'x');
  for (size_t round = 1; round <= 3; ++round) {
    for (int i = 0; i < 8; ++i) writer->Append(line + "\n");
    AwaitSize(path_, round * AsyncFileWriter::kWriteAtBytes);
  }
}

TEST_F(AsyncFileWriterTest, ASmallBufferIsWrittenWhenItIsHalfFull) {
  const auto writer = NewWriter(path_, 100);
  writer->Append(std::string(49, 'x') + "\n");
  AwaitSize(path_, 50);
}

TEST_F(AsyncFileWriterTest, ItsDestructorWritesWhatIsThere) {
  NewWriter(path_)->Append("last words\n");
  EXPECT_EQ(Contents(path_), "last words\n");
}

TEST_F(AsyncFileWriterTest, LinesLongerThanABlockAreWhole) {
  std::string expected;
  const auto writer = NewWriter(path_);
  for (const size_t bytes : {10, 100'000, 20, 1'000'000, 65'536, 65'537, 1}) {
    std::string line(bytes - 1, static_cast<char>('a' + bytes % 26));
    line += '\n';
    expected += line;
    EXPECT_TRUE(writer->Append(line));
  }
  EXPECT_TRUE(writer->Flush().ok());
  EXPECT_EQ(Contents(path_), expected);
}

TEST_F(AsyncFileWriterTest, KeepsTheOrderOfEachThreadAndItsLinesWhole) {
  constexpr int kWriters = 4;
  constexpr int kLines = 5'000;
  std::atomic<bool> done{false};
  const auto writer = AsyncFileWriter::Create(
      {.path = path_, .max_delay = absl::Microseconds(100)});
  ASSERT_TRUE(writer.ok());
  Thread reader = NewThread("reader", [&] {
    while (!done) {
      const AsyncFileWriter::Counters seen = (*writer)->counters();
      ASSERT_LE(seen.appended_lines, uint64_t{kWriters * kLines});
      EXPECT_TRUE((*writer)->Flush().ok());
    }
  });
  {
    std::vector<Thread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.push_back(NewThread("writer", [&, w] {
        for (int i = 0; i < kLines; ++i) {
          EXPECT_TRUE((*writer)->Append(NumberedLine(w, i)));
        }
      }));
    }
  }
  done = true;
  reader.Join();
  EXPECT_TRUE((*writer)->Flush().ok());
  std::vector<size_t> next(kWriters);
  const std::vector<std::string> lines = LinesOf(Contents(path_));
  ASSERT_EQ(lines.size(), size_t{kWriters * kLines});
  for (const std::string& line : lines) {
    const int w = line[5] - '0';
    ASSERT_EQ(line, NumberedLine(w, next[w]++));
  }
}

// --- Bounds. -----------------------------------------------------------------

TEST_F(AsyncFileWriterTest, DropsAndCountsWhatDoesNotFit) {
  fs::create_symlink(kFullDisk, path_);
  auto writer = NewWriter(path_, 100);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(writer->Append("123456789\n"));
  EXPECT_FALSE(writer->Append("x\n"));
  EXPECT_FALSE(writer->Append("123456789\n"));
  EXPECT_EQ(writer->counters().appended_lines, 10u);
  EXPECT_EQ(writer->counters().dropped_lines, 2u);
  EXPECT_EQ(writer->counters().written_bytes, 0u);
}

TEST_F(AsyncFileWriterTest, DropsALineThatCanNeverFit) {
  const auto writer = NewWriter(path_, 100);
  EXPECT_FALSE(writer->Append(std::string(101, 'x')));
  EXPECT_TRUE(writer->Append(std::string(99, 'x') + "\n"));
}

// A pipe that nobody reads holds the thread in its write.
TEST_F(AsyncFileWriterTest, NobodyWaitsForASlowDisk) {
  PCHECK(mkfifo(path_.c_str(), 0600) == 0);
  UniqueFd reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader.valid());
  const int pipe_bytes = fcntl(reader.get(), F_GETPIPE_SZ);
  const auto writer = NewWriter(path_, 3 * static_cast<size_t>(pipe_bytes));
  std::string expected;
  const auto append = [&] {
    const std::string line = NumberedLine(0, expected.size());
    if (!writer->Append(line)) return false;
    expected += line;
    return true;
  };
  while (expected.size() < 2 * static_cast<size_t>(pipe_bytes)) append();
  for (int in_pipe = 0; in_pipe < pipe_bytes;) {
    PCHECK(ioctl(reader.get(), FIONREAD, &in_pipe) == 0);
  }
  while (append()) {
  }
  EXPECT_EQ(writer->counters().dropped_lines, 1u);
  PCHECK(fcntl(reader.get(), F_SETFL, 0) == 0);  // reads wait
  std::string received;
  writer->Reopen();  // a request: so that it also writes what is not enough
  while (received.size() < expected.size()) {
    char block[4'096];
    const ssize_t n = read(reader.get(), block, sizeof(block));
    ASSERT_GT(n, 0);
    received.append(block, static_cast<size_t>(n));
  }
  EXPECT_EQ(received, expected);
}

}  // namespace
}  // namespace rondo
