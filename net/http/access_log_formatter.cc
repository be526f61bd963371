#include "net/http/access_log_formatter.h"

#include <charconv>
#include <string_view>

#include "net/http/log_escaping.h"

namespace rondo {
namespace {

constexpr std::string_view kAbsent = "-";

template <typename T>
void AppendNumber(std::string& to, T number) {
  char digits[20];  // of 2^64, or of -2^63
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  to.append(digits, end);
}

void AppendProtocol(std::string& to, int minor_version) {
  to += "HTTP/1.";
  AppendNumber(to, minor_version);
}

// --- Combined. ---------------------------------------------------------------

// A column without quotes. Apache leaves spaces alone and so lets a user's name
// look like several columns.
void AppendWord(std::string& to, std::string_view word) {
  if (word.empty()) to += kAbsent;
  while (!word.empty()) {
    const std::string_view part = word.substr(0, word.find(' '));
    AppendCombinedEscaped(part, to);
    word.remove_prefix(part.size());
    if (word.empty()) return;
    to += "\\x20";
    word.remove_prefix(1);
  }
}

void AppendQuoted(std::string& to, std::string_view text) {
  to += " \"";
  if (text.empty()) to += kAbsent;
  AppendCombinedEscaped(text, to);
  to += '"';
}

void AppendRequestLine(std::string& to, const AccessRecord& record) {
  if (record.method.empty()) return AppendQuoted(to, {});
  to += " \"";
  AppendCombinedEscaped(record.method, to);
  to += ' ';
  AppendCombinedEscaped(record.target, to);
  to += ' ';
  AppendProtocol(to, record.minor_version);
  to += '"';
}

// --- JSON. -------------------------------------------------------------------

// `opening` is what stands before the text: ,"name":"
void AppendText(std::string& to, std::string_view opening,
                std::string_view text) {
  if (text.empty()) return;
  to += opening;
  AppendJsonEscaped(text, to);
  to += '"';
}

template <typename T>
void AppendMember(std::string& to, std::string_view opening, T number) {
  to += opening;
  AppendNumber(to, number);
}

void AppendMilliseconds(std::string& to, int64_t ms) {
  const char digits[] = {'.', static_cast<char>('0' + ms / 100),
                         static_cast<char>('0' + ms / 10 % 10),
                         static_cast<char>('0' + ms % 10)};
  to.append(digits, sizeof(digits));
}

}  // namespace

void AccessLogFormatter::AppendTo(std::string& to, const AccessRecord& record) {
  if (format_ == AccessLogFormat::kCombined) {
    AppendCombined(to, record);
  } else {
    AppendJson(to, record);
  }
}

void AccessLogFormatter::AppendCombined(std::string& to,
                                        const AccessRecord& record) {
  AppendWord(to, record.peer);
  to += " - ";  // what identd (RFC 1413) says, which nobody asks
  AppendWord(to, record.user);
  to += SecondText(absl::ToUnixSeconds(record.time));
  AppendRequestLine(to, record);
  to += ' ';
  AppendNumber(to, static_cast<int>(record.status));
  to += ' ';
  if (record.body_bytes == 0) {
    to += kAbsent;
  } else {
    AppendNumber(to, record.body_bytes);
  }
  AppendQuoted(to, record.referer);
  AppendQuoted(to, record.user_agent);
  to += '\n';
}

void AccessLogFormatter::AppendJson(std::string& to,
                                    const AccessRecord& record) {
  const int64_t second = absl::ToUnixSeconds(record.time);
  to += SecondText(second);
  AppendMilliseconds(to, absl::ToInt64Milliseconds(
                             record.time - absl::FromUnixSeconds(second)));
  to += "Z\"";
  AppendText(to, ",\"peer\":\"", record.peer);
  AppendText(to, ",\"user\":\"", record.user);
  AppendText(to, ",\"host\":\"", record.host);
  AppendText(to, ",\"method\":\"", record.method);
  AppendText(to, ",\"target\":\"", record.target);
  if (!record.method.empty()) {
    to += ",\"protocol\":\"";
    AppendProtocol(to, record.minor_version);
    to += '"';
  }
  AppendMember(to, ",\"status\":", static_cast<int>(record.status));
  AppendMember(to, ",\"body_bytes\":", record.body_bytes);
  if (record.aborted) to += ",\"aborted\":true";
  AppendText(to, ",\"referer\":\"", record.referer);
  AppendText(to, ",\"user_agent\":\"", record.user_agent);
  AppendMember(to,
               ",\"latency_us\":", absl::ToInt64Microseconds(record.latency));
  to += "}\n";
}

const std::string& AccessLogFormatter::SecondText(int64_t second) {
  if (second != second_) {
    second_ = second;
    second_text_ = absl::FormatTime(
        format_ == AccessLogFormat::kCombined ? " [%d/%b/%Y:%H:%M:%S +0000]"
                                              : "{\"time\":\"%Y-%m-%dT%H:%M:%S",
        absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  return second_text_;
}

}  // namespace rondo
