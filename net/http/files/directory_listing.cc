#include "net/http/files/directory_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

namespace rondo {
namespace {

using Entry = DirectoryListing::Entry;
using Kind = OpenFile::Kind;

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using UniqueDir = std::unique_ptr<DIR, CloseDir>;

UniqueDir OpenDir(OpenFile directory) {
  UniqueDir dir(fdopendir(directory.fd.get()));
  if (dir != nullptr) (void)directory.fd.Release();  // the stream's from now on
  return dir;
}

// Null at the end, and then with errno set if that is none (readdir(3)).
const dirent* NextName(DIR* dir) {
  errno = 0;
  return readdir(dir);
}

// Where a link leads must be asked of the tree: it may be out of it.
std::optional<Entry> FollowLink(const FileTree& tree, const FilePath& path,
                                const char* name) {
  if (tree.links() == FileTree::Links::kRefused) return std::nullopt;
  OpenFile file;
  if (tree.Open(path.Child(name), file) != FileError::kNone) {
    return std::nullopt;
  }
  return Entry{name, file.kind, file.bytes, file.modified};
}

// Empty if it would not be given out.
std::optional<Entry> LookAt(const FileTree& tree, const FilePath& path,
                            DIR* dir, const char* name) {
  struct stat s;
  if (fstatat(dirfd(dir), name, &s, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  if (S_ISLNK(s.st_mode)) return FollowLink(tree, path, name);
  if (!S_ISDIR(s.st_mode) && !S_ISREG(s.st_mode)) return std::nullopt;
  return Entry{name, S_ISDIR(s.st_mode) ? Kind::kDirectory : Kind::kRegular,
               static_cast<uint64_t>(s.st_size),
               absl::TimeFromTimespec(s.st_mtim)};
}

void Sort(std::vector<Entry>& entries) {
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    const auto key = [](const Entry& entry) {
      return std::tuple(entry.kind != Kind::kDirectory,
                        std::string_view(entry.name));
    };
    return key(a) < key(b);
  });
}

}  // namespace

std::optional<DirectoryListing> DirectoryListing::Read(const FileTree& tree,
                                                       const FilePath& path,
                                                       FilePath::Hidden hidden,
                                                       OpenFile directory,
                                                       size_t max_names) {
  const UniqueDir dir = OpenDir(std::move(directory));
  if (dir == nullptr) return std::nullopt;
  DirectoryListing listing;
  size_t names = 0;
  while (const dirent* next = NextName(dir.get())) {
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    if (++names > max_names) {
      listing.complete = false;
      break;
    }
    if (name.starts_with('.') && hidden == FilePath::Hidden::kRefused) continue;
    auto entry = LookAt(tree, path, dir.get(), next->d_name);
    if (entry.has_value()) listing.entries.push_back(*std::move(entry));
  }
  if (listing.complete && errno != 0) return std::nullopt;
  Sort(listing.entries);
  return listing;
}

}  // namespace rondo
