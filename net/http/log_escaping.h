#ifndef RONDO_NET_HTTP_LOG_ESCAPING_H_
#define RONDO_NET_HTTP_LOG_ESCAPING_H_

#include <string>
#include <string_view>

namespace rondo {

// What a client sent, made fit to stand between quotes in a line of a log: it
// cannot end the text or the line, nor do anything to the terminal that shows
// it.

// For the Common and Combined Log Formats, as Apache does since 2.0.46: quotes
// and backslashes as \" and \\, five control bytes as \b \n \r \t \v, other
// bytes that are not printable ASCII as \xhh.
// Reference: httpd.apache.org/docs/2.4/mod/mod_log_config.html, "Format Notes".
void AppendCombinedEscaped(std::string_view text, std::string& to);

// For a string of JSON, as UTF-8; bytes that are none become U+FFFD. Escaped is
// what must be (quotes, backslashes, control characters below U+0020), and also
// what ends a line for some readers or controls a terminal: U+007F to U+009F,
// U+2028 and U+2029.
// Reference: RFC 8259 §7 and §8.1.
void AppendJsonEscaped(std::string_view text, std::string& to);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_LOG_ESCAPING_H_
