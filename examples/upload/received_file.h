#ifndef RONDO_EXAMPLES_UPLOAD_RECEIVED_FILE_H_
#define RONDO_EXAMPLES_UPLOAD_RECEIVED_FILE_H_

#include <string>
#include <string_view>

#include "examples/upload/new_file.h"
#include "examples/upload/sha256.h"
#include "net/http/http_response.h"

namespace rondo::examples {

// A file that somebody sends, and what they are told of it.
//
// Threading: as NewFile.
class ReceivedFile {
 public:
  ReceivedFile(std::string_view directory, std::string_view name)
      : name_(name), directory_(directory), file_(directory, name) {}

  // False, and logged, if it cannot be written.
  bool Append(std::string_view piece);

  // That was all: its digest, as sha256sum prints it; or, also after a failed
  // Append(), that it cannot be written.
  HttpResponse Finish();

 private:
  void Fail();

  const std::string name_;
  const std::string directory_;
  bool failed_ = false;
  NewFile file_;
  Sha256 hash_;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_RECEIVED_FILE_H_
