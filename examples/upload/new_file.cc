#include "examples/upload/new_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

namespace rondo::examples {

NewFile::NewFile(std::string_view directory, std::string_view name)
    : path_(std::string(directory).append("/").append(name)),
      part_(std::string(directory).append("/.upload_XXXXXX")) {}

NewFile::~NewFile() {
  if (fd_.valid()) unlink(part_.c_str());
}

bool NewFile::Append(std::string_view bytes) {
  if (!fd_.valid()) fd_.Reset(mkostemp(part_.data(), O_CLOEXEC));
  while (fd_.valid() && !bytes.empty()) {
    const ssize_t written = write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0) return false;
    bytes.remove_prefix(written);
  }
  return fd_.valid();
}

bool NewFile::Finish() {
  if (!Append("") || rename(part_.c_str(), path_.c_str()) != 0) return false;
  fd_.Reset();
  return true;
}

}  // namespace rondo::examples
