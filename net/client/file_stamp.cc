#include "net/client/file_stamp.h"

#include <sys/stat.h>

namespace rondo {
namespace {

int64_t ToNanoseconds(const timespec& time) {
  constexpr int64_t kPerSecond = 1'000'000'000;
  return time.tv_sec * kPerSecond + time.tv_nsec;
}

}  // namespace

FileStamp FileStamp::Of(const std::string& path) {
  struct stat s;
  if (stat(path.c_str(), &s) != 0) return {};
  return {.device = s.st_dev,
          .inode = s.st_ino,
          .bytes = s.st_size,
          .modified_ns = ToNanoseconds(s.st_mtim),
          .changed_ns = ToNanoseconds(s.st_ctim)};
}

}  // namespace rondo
