#ifndef RONDO_NET_HTTP_FILES_OPEN_FILE_H_
#define RONDO_NET_HTTP_FILES_OPEN_FILE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace rondo {

// A file or a folder that is open for reading, and what it was like then. A
// file that is replaced meanwhile is still the old one here; one that is
// written to may come to have more or fewer bytes. Who has closed it may open
// it again, if it is as it was: FileTree::Reopen().
//
// Threading: one thread at a time.
struct OpenFile {
  enum class Kind : uint8_t { kRegular, kDirectory };

  UniqueFd fd;
  Kind kind = Kind::kRegular;
  uint64_t bytes = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
  absl::Time modified;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_OPEN_FILE_H_
