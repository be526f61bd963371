#ifndef RONDO_TESTS_TESTING_TEMP_DIRECTORY_H_
#define RONDO_TESTS_TESTING_TEMP_DIRECTORY_H_

#include <glog/logging.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace rondo {

// A directory for files of one test, which goes with all that is in it.
class TempDirectory {
 public:
  TempDirectory() {
    std::string name = ::testing::TempDir() + "/rondo_XXXXXX";
    PCHECK(mkdtemp(name.data()) != nullptr) << name;
    path_ = name;
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  // That of a file in it, which need not be there.
  std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// What a file has; nothing if there is none.
inline std::string Contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_TEMP_DIRECTORY_H_
