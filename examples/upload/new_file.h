#ifndef RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_
#define RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace rondo::examples {

// A file that comes piece by piece, and has its name once it is whole and on
// the disk. One that does not become whole is not left behind. The name itself
// is on the disk when the system writes its folder.
//
// Threading: one thread at a time; every call, and the destructor, may wait for
// the disk.
// Errors: a call that fails says why in errno.
class NewFile {
 public:
  enum class Outcome { kCreated, kReplaced, kFailed };

  NewFile(std::string_view directory, std::string_view name);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  bool Append(std::string_view bytes);
  // That was all. In place of a file that has the name, if there is one.
  Outcome Finish();

 private:
  bool Open();
  Outcome TakeName();

  const std::string path_;
  const std::string part_;  // its name until then
  bool has_part_ = false;   // there is a file of that name
  UniqueFd fd_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_NEW_FILE_H_
