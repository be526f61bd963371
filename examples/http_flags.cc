#include "examples/http_flags.h"

#include <gflags/gflags.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/async_file_writer.h"
#include "examples/flag_check.h"

DEFINE_uint64(max_request_line_bytes, 8 * 1024,
              "of a request's first line (414)");
DEFINE_uint64(max_header_bytes, 32 * 1024, "of its header (431)");
DEFINE_uint64(max_fields, 100, "of its header, or trailer (431)");
DEFINE_uint64(max_body_bytes, 1024 * 1024,
              "of its body, unless that is streamed (413)");
DEFINE_uint64(max_dropped_body_bytes, 64 * 1024,
              "of a body that nobody wants, for the connection to be kept");
DEFINE_uint64(max_chunk_extension_bytes, 4 * 1024,
              "of all chunks of a body (400)");
DEFINE_uint64(max_trailer_bytes, 8 * 1024, "behind a chunked body (431)");
DEFINE_uint64(max_pipelined_requests, 16,
              "of one connection, that are answered at the same time");
DEFINE_uint64(max_waiting_answer_bytes, 1024 * 1024,
              "of them, that wait for an earlier one before no other request "
              "is read");
DEFINE_string(header_timeout, "30s",
              "from a header's first byte to its last (408); inf: no limit");
DEFINE_string(body_timeout, "30s",
              "for a body, and a second more for each "
              "--min_body_bytes_per_second of it (408); inf: no limit");
DEFINE_uint64(min_body_bytes_per_second, 1024, "see --body_timeout");
DEFINE_string(keep_alive_timeout, "1m",
              "between requests; inf: no limit but --idle_timeout");

DEFINE_string(access_log, "",
              "a file that gets a line for each request; SIGHUP reopens it");
DEFINE_string(access_log_format, "combined", "combined or json");

namespace rondo::examples {
namespace {

// What is read before anything is known of it, and is all in memory.
constexpr uint64_t kMaxHeadBytes = 1 << 30;

constexpr uint64_t kBlankLineBytes = 2;  // which header and trailer end with

void CheckSizes() {
  CheckSize("max_request_line_bytes", FLAGS_max_request_line_bytes, 1,
            kMaxHeadBytes);
  CheckSize("max_header_bytes", FLAGS_max_header_bytes, kBlankLineBytes,
            kMaxHeadBytes);
  CheckSize("max_chunk_extension_bytes", FLAGS_max_chunk_extension_bytes, 0,
            kMaxHeadBytes);
  CheckSize("max_trailer_bytes", FLAGS_max_trailer_bytes, kBlankLineBytes,
            kMaxHeadBytes);
  CheckAtLeastOne("max_fields", FLAGS_max_fields);
  CheckAtLeastOne("max_pipelined_requests", FLAGS_max_pipelined_requests);
  CheckAtLeastOne("min_body_bytes_per_second", FLAGS_min_body_bytes_per_second);
}

AccessLogFormat AccessLogFormatFromFlag() {
  if (FLAGS_access_log_format == "combined") return AccessLogFormat::kCombined;
  if (FLAGS_access_log_format == "json") return AccessLogFormat::kJson;
  RejectFlag("access_log_format", FLAGS_access_log_format, "combined or json");
}

}  // namespace

HttpOptions HttpOptionsFromFlags() {
  CheckSizes();
  HttpOptions options;
  options.access_log_format = AccessLogFormatFromFlag();
  options.limits.max_request_line_bytes = FLAGS_max_request_line_bytes;
  options.limits.max_header_bytes = FLAGS_max_header_bytes;
  options.limits.max_fields = FLAGS_max_fields;
  options.limits.max_body_bytes = FLAGS_max_body_bytes;
  options.limits.max_chunk_extension_bytes = FLAGS_max_chunk_extension_bytes;
  options.limits.max_trailer_bytes = FLAGS_max_trailer_bytes;
  options.max_dropped_body_bytes = FLAGS_max_dropped_body_bytes;
  options.max_pipelined_requests = FLAGS_max_pipelined_requests;
  options.header_timeout =
      CheckDuration("header_timeout", FLAGS_header_timeout, false);
  options.body_timeout =
      CheckDuration("body_timeout", FLAGS_body_timeout, false);
  options.max_waiting_answer_bytes = FLAGS_max_waiting_answer_bytes;
  options.min_body_bytes_per_second = FLAGS_min_body_bytes_per_second;
  options.keep_alive_timeout =
      CheckDuration("keep_alive_timeout", FLAGS_keep_alive_timeout, false);
  return options;
}

void OpenAccessLogFromFlags(HttpOptions& options) {
  if (FLAGS_access_log.empty()) return;
  auto writer = AsyncFileWriter::Create({.path = FLAGS_access_log});
  if (!writer.ok()) {
    RejectFlag("access_log", FLAGS_access_log,
               absl::StrCat("a file, in a folder that is there, to which this "
                            "user may append; here: ",
                            writer.status().message()));
  }
  options.access_log = *std::move(writer);
}

}  // namespace rondo::examples
