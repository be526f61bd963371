#ifndef RONDO_NET_HTTP_FILES_FILE_STREAM_H_
#define RONDO_NET_HTTP_FILES_FILE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "net/http/files/file_answer.h"
#include "net/http/response_writer.h"

namespace rondo {

// The parts of a planned answer, on their way: either read, or handed to the
// connection piece by piece as there is room. It is what OnRoom() takes:
//
//   writer.OnRoom(FileStream(std::move(fd), std::move(answer.parts)));
//
// Threading: one thread at a time.
// Ownership: shares the file with what the connection has queued of it.
// Errors: a file that is shorter than was planned is an empty ReadAll(), or
// resets the connection.
class FileStream {
 public:
  FileStream(UniqueFd file, std::vector<FileAnswer::Part> parts);

  // How long all of it is.
  uint64_t bytes() const;

  // All of it.
  std::optional<std::string> ReadAll() const;

  // Writes until `writer` is sated, and ends the answer when the last part has
  // been sent.
  void operator()(ResponseWriter& writer);

 private:
  // False if nobody hears it.
  bool WriteNext(ResponseWriter& writer);

  std::shared_ptr<const UniqueFd> file_;
  std::vector<FileAnswer::Part> parts_;
  size_t next_ = 0;  // of the parts
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_FILES_FILE_STREAM_H_
