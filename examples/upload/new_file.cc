#include "examples/upload/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>

#include "absl/strings/str_cat.h"

namespace rondo::examples {
namespace {

// What programs ask for; the umask takes from it.
constexpr mode_t kMode = 0666;

// Not by mkostemp(3), which lets nobody else read.
std::string PartName(std::string_view directory) {
  std::random_device random;
  return absl::StrCat(std::string(directory), "/.upload_",
                      absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace

NewFile::NewFile(std::string_view directory, std::string_view name)
    : path_(std::string(directory).append("/").append(name)),
      part_(PartName(directory)) {}

NewFile::~NewFile() {
  if (has_part_) unlink(part_.c_str());
}

bool NewFile::Append(std::string_view bytes) {
  if (!Open()) return false;
  while (!bytes.empty()) {
    const ssize_t written = write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

// A full disk, or a quota, may show only when the system really writes (NFS
// does so at the close): before it has, nothing is promised.
NewFile::Outcome NewFile::Finish() {
  const bool whole =
      Open() && fsync(fd_.get()) == 0 && close(fd_.Release()) == 0;
  return whole ? TakeName() : Outcome::kFailed;
}

bool NewFile::Open() {
  if (has_part_) return fd_.valid();
  fd_.Reset(
      open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  has_part_ = fd_.valid();
  return has_part_;
}

NewFile::Outcome NewFile::TakeName() {
  const bool created = renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD,
                                 path_.c_str(), RENAME_NOREPLACE) == 0;
  // Some file systems have no such flag.
  const bool exists =
      !created && (errno == EEXIST || access(path_.c_str(), F_OK) == 0);
  if (!created && rename(part_.c_str(), path_.c_str()) != 0) {
    return Outcome::kFailed;
  }
  has_part_ = false;
  return exists ? Outcome::kReplaced : Outcome::kCreated;
}

}  // namespace rondo::examples
