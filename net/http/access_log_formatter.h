#ifndef RONDO_NET_HTTP_ACCESS_LOG_FORMATTER_H_
#define RONDO_NET_HTTP_ACCESS_LOG_FORMATTER_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "net/http/access_record.h"

namespace rondo {

enum class AccessLogFormat {
  // Combined Log Format, which every log analyser reads. Has neither the host
  // nor the latency, nor a word for an answer that was cut off; "-" is what was
  // absent, and a body of no bytes.
  //   ::1 - ann [22/Nov/2026:08:38:32 +0000] "GET /a?b HTTP/1.1" 200 5
  //       "http://from.example/" "curl/8.0"          (one line)
  kCombined,
  // An object for each line; has no member for what was absent. One whose
  // answer was cut off, or never given, also has "aborted":true.
  //   {"time":"2026-11-22T08:38:32.123Z","peer":"::1","user":"ann",
  //    "host":"a.example","method":"GET","target":"/a?b",
  //    "protocol":"HTTP/1.1","status":200,"body_bytes":5,
  //    "referer":"http://from.example/","user_agent":"curl/8.0",
  //    "latency_us":417}                             (one line)
  kJson,
};

// Makes lines of an access log, in UTC.
//
// Whatever a client sends stays in its place: it cannot end a line, nor begin
// another member or column (see log_escaping.h).
//
// Threading: one thread at a time.
// Errors: none.
// Reference: httpd.apache.org/docs/2.4/logs.html, "Combined Log Format";
// RFC 8259.
class AccessLogFormatter {
 public:
  explicit AccessLogFormatter(AccessLogFormat format) : format_(format) {}

  // Appends the record's line, with its '\n'. Asks for no memory but that of
  // `to`, and some once a second.
  void AppendTo(std::string& to, const AccessRecord& record);

 private:
  void AppendCombined(std::string& to, const AccessRecord& record);
  void AppendJson(std::string& to, const AccessRecord& record);

  // The text of the record's second, made anew for the first record of each.
  const std::string& SecondText(int64_t second);

  const AccessLogFormat format_;
  int64_t second_ = INT64_MIN;  // since 1970, of second_text_
  std::string second_text_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ACCESS_LOG_FORMATTER_H_
