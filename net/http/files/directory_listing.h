#ifndef RONDO_NET_HTTP_FILES_DIRECTORY_LISTING_H_
#define RONDO_NET_HTTP_FILES_DIRECTORY_LISTING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "net/http/files/file_path.h"
#include "net/http/files/file_tree.h"
#include "net/http/files/open_file.h"

namespace rondo {

// What is in a folder, as far as it would be given out: folders first, each
// kind by name.
//
// Threading: one thread at a time.
struct DirectoryListing {
  struct Entry {
    std::string name;
    OpenFile::Kind kind;
    uint64_t bytes;
    absl::Time modified;
  };

  // Looks at `max_names` names at most: each costs a system call, and others
  // wait meanwhile. Empty if the folder cannot be read, or not to its end.
  // Takes `directory`, which is what `tree` has at `path`.
  static std::optional<DirectoryListing> Read(const FileTree& tree,
                                              const FilePath& path,
                                              FilePath::Hidden hidden,
                                              OpenFile directory,
                                              size_t max_names);

  std::vector<Entry> entries = {};
  bool complete = true;  // whether there are no more names
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_DIRECTORY_LISTING_H_
