#ifndef RONDO_NET_HTTP_HTTP_OPTIONS_H_
#define RONDO_NET_HTTP_HTTP_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/async_file_writer.h"
#include "net/http/access_log_formatter.h"
#include "net/http/http_limits.h"

namespace rondo {

// How much a client may ask for, and how long it may take. Its time runs only
// while it is waited for: not while its earlier requests are being answered.
// Who lets a deadline pass is told so (408), unless it has not begun a request.
struct HttpOptions {
  HttpLimits limits = {};

  // Of one connection, that are being answered at the same time; and what may
  // wait of their answers for an earlier one, or be kept of their bodies by
  // tasks, before no other is begun. The next requests wait in the kernel.
  size_t max_pipelined_requests = 16;
  size_t max_waiting_answer_bytes = 1'024 * 1'024;
  // Of a body that nobody wants, for the connection to be kept all the same.
  uint64_t max_dropped_body_bytes = 64 * 1'024;

  // From a head's first byte to its last.
  absl::Duration header_timeout = absl::Seconds(30);
  // For a body: so long, and a second more for each so many bytes of it.
  absl::Duration body_timeout = absl::Seconds(30);
  uint64_t min_body_bytes_per_second = 1'024;
  // From an answer to the next request's first byte.
  absl::Duration keep_alive_timeout = absl::Seconds(60);

  // Where each request gets a line, null: nowhere. The loops write into it, and
  // it may be several servers'.
  std::shared_ptr<AsyncFileWriter> access_log = nullptr;
  AccessLogFormat access_log_format = AccessLogFormat::kCombined;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_OPTIONS_H_
