#include "tests/net/http/files/temp_tree.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace rondo {

TempTree::TempTree() : base_(testing::TempDir() + "/tree.XXXXXX") {
  PCHECK(mkdtemp(base_.data()) != nullptr) << base_;
  PCHECK(mkdir(root().c_str(), 0755) == 0);
  Write("../outside", "secret");
}

TempTree::~TempTree() {
  std::error_code ignored;
  std::filesystem::remove_all(base_, ignored);
}

void TempTree::MakeDirectory(const std::string& name) const {
  PCHECK(mkdir(Path(name).c_str(), 0755) == 0) << name;
}

void TempTree::Write(const std::string& name, std::string_view content,
                     absl::Time modified) const {
  std::ofstream(Path(name), std::ios::binary) << content;
  const timespec times[] = {absl::ToTimespec(modified),
                            absl::ToTimespec(modified)};
  PCHECK(utimensat(AT_FDCWD, Path(name).c_str(), times, 0) == 0) << name;
}

void TempTree::Link(const std::string& to, const std::string& name) const {
  PCHECK(symlink(to.c_str(), Path(name).c_str()) == 0) << name;
}

void TempTree::MakeFifo(const std::string& name) const {
  PCHECK(mkfifo(Path(name).c_str(), 0644) == 0) << name;
}

}  // namespace rondo
