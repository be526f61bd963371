#ifndef RONDO_NET_HTTP_FILES_FILE_TREE_H_
#define RONDO_NET_HTTP_FILES_FILE_TREE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "net/http/files/file_path.h"
#include "net/http/files/open_file.h"
#include "net/http/http_status.h"

namespace rondo {

// Why a file is not given out.
enum class FileError : uint8_t {
  kNone,
  kNotFound,     // 404: not there, or nothing that is given out
  kForbidden,    // 403: this process may not read it
  kUnavailable,  // 503: no descriptor or memory is left
  kBroken,       // 500: an error of the disk, say, or not the same any more
};

HttpStatus StatusOf(FileError error);

// The files beneath a folder, and no others.
//
// The kernel keeps to the folder: each path is resolved by one openat2(2) that
// fails where it would leave it, by .., by an absolute link or by a mount's
// magic one, also while others rename what is on the way. By default it fails
// at any symbolic link. With `links` it follows those that stay beneath the
// root; one that leads out is not found even then.
//
// Regular files and folders are given out. What is there is looked at before it
// is opened: opening a FIFO would let go whoever waits to write into it, and
// opening a device may do anything. So a file takes five system calls: to find
// it (O_PATH), to look, to open it by /proc/self/fd, which cannot be another,
// and two to close.
//
// Threading: const methods are Thread-safe.
// Ownership: owns the root's descriptor. It is opened once: who replaces the
// folder, or a link to it, makes a new tree.
// Errors: a root that cannot be opened is a Status, what a path comes to is a
// FileError.
// Reference: openat2(2), Linux 5.6; open(2), O_PATH.
//
// Example:
//   const auto tree = FileTree::Create("/srv/www", FileTree::Links::kRefused);
//   if (!tree.ok()) return tree.status();
//   const auto path = FilePath::Parse("/a/b.html", FilePath::Hidden::kRefused);
//   OpenFile file;
//   if (!path) return FileError::kNotFound;
//   return tree->Open(*path, file);
class FileTree {
 public:
  enum class Links : uint8_t { kRefused, kFollowedWithin };

  static absl::StatusOr<FileTree> Create(const std::string& root, Links links);

  // Opens what is at `path`. On failure `file` is as it was.
  FileError Open(const FilePath& path, OpenFile& file) const;

  // The same of what was open and has been closed since. kBroken if it has
  // changed.
  FileError Reopen(const FilePath& path, OpenFile& file) const;

  Links links() const { return links_; }

 private:
  // Others rename on the way: so often it begins again (see openat2(2),
  // EAGAIN).
  static constexpr int kMaxTries = 8;

  FileTree(UniqueFd root, Links links)
      : root_(std::move(root)), links_(links) {}

  // As O_PATH, which opens nothing; with errno set if it is not valid.
  UniqueFd FindBeneath(const char* path) const;

  UniqueFd root_;
  Links links_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_TREE_H_
