#ifndef RONDO_TESTS_BASE_ASYNC_FILE_WRITER_FIXTURE_H_
#define RONDO_TESTS_BASE_ASYNC_FILE_WRITER_FIXTURE_H_

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/async_file_writer.h"
#include "tests/testing/temp_directory.h"

namespace rondo {

inline constexpr char kFullDisk[] = "/dev/full";  // full(4): always ENOSPC

// A writer, or a CHECK. By itself it writes only what is enough.
inline std::unique_ptr<AsyncFileWriter> NewWriter(
    const std::filesystem::path& path,
    size_t max_buffered_bytes = AsyncFileWriterOptions().max_buffered_bytes) {
  auto writer =
      AsyncFileWriter::Create({.path = path,
                               .max_buffered_bytes = max_buffered_bytes,
                               .max_delay = absl::InfiniteDuration()});
  CHECK(writer.ok()) << writer.status();
  return *std::move(writer);
}

inline std::string NumberedLine(int writer, size_t number) {
  return absl::StrCat("line ", writer, "-", number, "\n");
}

inline std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

// A folder with the path of a file that is not there yet.
class AsyncFileWriterTest : public ::testing::Test {
 protected:
  const TempDirectory folder_;
  const std::filesystem::path path_ = folder_ / "log";
};

}  // namespace rondo

#endif  // RONDO_TESTS_BASE_ASYNC_FILE_WRITER_FIXTURE_H_
