#include "net/http/files/file_tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace rondo {
namespace {

FileError ErrorOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EINVAL:  // no name for this file system
    case EILSEQ:
    case ESTALE:  // gone, says another host
    case ELOOP:   // a link
    case EXDEV:   // a way out
    case ENXIO:   // a socket, or a device that is none
    case ENODEV:
      return FileError::kNotFound;
    case EACCES:
    case EPERM:
      return FileError::kForbidden;
    case EAGAIN:
    case EINTR:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return FileError::kUnavailable;
    default:
      return FileError::kBroken;
  }
}

// What stat says of what was found.
FileError Describe(const UniqueFd& found, OpenFile& file) {
  struct stat s;
  if (fstat(found.get(), &s) != 0) return ErrorOf(errno);
  const bool directory = S_ISDIR(s.st_mode);
  if (!directory && !S_ISREG(s.st_mode)) return FileError::kNotFound;
  file.kind = directory ? OpenFile::Kind::kDirectory : OpenFile::Kind::kRegular;
  file.bytes = static_cast<uint64_t>(s.st_size);
  file.device = s.st_dev;
  file.inode = s.st_ino;
  file.modified = absl::TimeFromTimespec(s.st_mtim);
  return FileError::kNone;
}

// Whether it is the same file and, as far as can be seen, the same bytes.
bool IsUnchanged(const OpenFile& before, const OpenFile& now) {
  return now.kind == before.kind && now.device == before.device &&
         now.inode == before.inode && now.bytes == before.bytes &&
         now.modified == before.modified;
}

// Opens just that, whatever has its name by now (proc(5), /proc/pid/fd).
UniqueFd OpenFound(const UniqueFd& found) {
  std::array<char, 32> path;
  std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", found.get());
  // Without O_NONBLOCK it would wait for who holds a lease (fcntl(2)).
  int fd = -1;
  do {
    fd = open(path.data(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  return UniqueFd(fd);
}

}  // namespace

HttpStatus StatusOf(FileError error) {
  switch (error) {
    case FileError::kNone:
      return HttpStatus::kOk;
    case FileError::kNotFound:
      return HttpStatus::kNotFound;
    case FileError::kForbidden:
      return HttpStatus::kForbidden;
    case FileError::kUnavailable:
      return HttpStatus::kServiceUnavailable;
    case FileError::kBroken:
      break;
  }
  return HttpStatus::kInternalServerError;
}

absl::StatusOr<FileTree> FileTree::Create(const std::string& root,
                                          Links links) {
  UniqueFd fd(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot serve files of '", root,
                            "': name a folder that this user may enter"));
  }
  FileTree tree(std::move(fd), links);
  const UniqueFd found = tree.FindBeneath(".");
  if (!found.valid()) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot serve files of '", root,
                            "': openat2 fails; it needs Linux 5.6, and in a "
                            "container a seccomp profile that allows it"));
  }
  // It may be a folder that can be entered but not read; that is all right.
  if (!OpenFound(found).valid() && errno != EACCES) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("cannot serve files of '", root,
                            "': /proc/self/fd fails; mount /proc"));
  }
  return tree;
}

FileError FileTree::Open(const FilePath& path, OpenFile& file) const {
  const UniqueFd found = FindBeneath(path.c_str());
  if (!found.valid()) return ErrorOf(errno);
  OpenFile opened;
  const FileError error = Describe(found, opened);
  if (error != FileError::kNone) return error;
  opened.fd = OpenFound(found);
  if (!opened.fd.valid()) return ErrorOf(errno);
  file = std::move(opened);
  return FileError::kNone;
}

FileError FileTree::Reopen(const FilePath& path, OpenFile& file) const {
  OpenFile now;
  const FileError error = Open(path, now);
  if (error != FileError::kNone) return error;
  if (!IsUnchanged(file, now)) return FileError::kBroken;
  file = std::move(now);
  return FileError::kNone;
}

UniqueFd FileTree::FindBeneath(const char* path) const {
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (links_ == Links::kRefused) how.resolve |= RESOLVE_NO_SYMLINKS;
  long fd = -1;
  for (int i = 0; i < kMaxTries; ++i) {
    // The C library has no function for it.
    fd = syscall(SYS_openat2, root_.get(), path, &how, sizeof(how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return UniqueFd(static_cast<int>(fd));
}

}  // namespace rondo
