#ifndef RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_
#define RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace rondo::examples {

// A file that comes piece by piece, and has its name once it is whole. One that
// does not become whole is not left behind.
//
// Threading: one thread at a time; every call may wait for the disk.
// Errors: a call that returns false says why in errno.
class NewFile {
 public:
  NewFile(std::string_view directory, std::string_view name);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  bool Append(std::string_view bytes);
  // That was all. In place of a file that has the name.
  bool Finish();

 private:
  const std::string path_;
  std::string part_;  // its name until then
  UniqueFd fd_;       // while it has that
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_
