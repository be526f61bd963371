#ifndef RONDO_NET_HTTP_ACCESS_LOG_H_
#define RONDO_NET_HTTP_ACCESS_LOG_H_

#include <string>

#include "base/async_file_writer.h"
#include "net/http/access_log_formatter.h"
#include "net/http/access_record.h"

namespace rondo {

// Writes a line for each request. Each loop has one of its own; they share the
// writer and so the file.
//
// Threading: one thread at a time.
// Ownership and lifetime: borrows the writer.
// Errors: AsyncFileWriter's, which also counts the lines that are dropped.
//
// Example:
//   AccessLog log(AccessLogFormat::kCombined, writer.get());
//   log.Log({.peer = "::1", .time = absl::Now(), .method = "GET", ...});
class AccessLog {
 public:
  AccessLog(AccessLogFormat format, AsyncFileWriter* writer)
      : formatter_(format), writer_(writer) {}

  // Copies what the record points to; does not wait for the disk.
  void Log(const AccessRecord& record) {
    line_.clear();
    formatter_.AppendTo(line_, record);
    writer_->Append(line_);
  }

 private:
  AccessLogFormatter formatter_;
  AsyncFileWriter* const writer_;
  std::string line_;  // keeps its memory
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ACCESS_LOG_H_
