#ifndef RONDO_NET_CLIENT_FILE_STAMP_H_
#define RONDO_NET_CLIENT_FILE_STAMP_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace rondo {

// What tells a file from the one that was there before: two that are equal have
// the same content. All zero if it cannot be looked at.
//
// Reference: stat(2); the C library looks at /etc/resolv.conf in the same way.
struct FileStamp {
  static FileStamp Of(const std::string& path);

  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  dev_t device = 0;
  ino_t inode = 0;
  off_t bytes = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_FILE_STAMP_H_
