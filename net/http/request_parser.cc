#include "net/http/request_parser.h"

#include <algorithm>
#include <cstring>

#include "net/http/field_line.h"
#include "net/http/http_chars.h"
#include "net/http/message_framing.h"

namespace rondo {
namespace {

using Outcome = RequestParser::Outcome;

// One pass over a head.
class HeadReader {
 public:
  HeadReader(std::string_view input, const HttpLimits& limits,
             RequestHead& head, HttpError& error)
      : input_(input), limits_(limits), head_(head), error_(error) {}

  Outcome Read();

  // If it is incomplete: so many bytes without another line are too many.
  size_t end_by() const { return end_by_; }

 private:
  Outcome Refuse(const char* reason,
                 HttpStatus status = HttpStatus::kBadRequest) {
    error_ = {status, reason};
    return Outcome::kRefused;
  }

  // What nearly all lines are, in one pass. False, and nothing is consumed:
  // look at the line in the ways below, which know what may be wrong.
  bool TakeUsualRequestLine();
  bool TakeUsualField(HttpField& field);
  bool TakeText(std::string_view text);
  // What may be looked at.
  std::string_view Rest() const {
    return {input_.data() + at_, std::min(input_.size(), end_by_) - at_};
  }

  Outcome NextLine(std::string_view& line);
  Outcome ReadRequestLine(std::string_view line);
  Outcome ReadVersion(std::string_view version);
  Outcome ReadFields();

  const std::string_view input_;
  const HttpLimits& limits_;
  RequestHead& head_;
  HttpError& error_;
  size_t at_ = 0;
  size_t end_by_ = 0;  // where this part of the head must have ended
  HttpError too_long_;
  MessageFraming framing_;
};

Outcome HeadReader::Read() {
  // Before a request an empty line is none (RFC 9112 §2.2).
  if (input_.starts_with("\r\n")) at_ = 2;
  end_by_ = at_ + limits_.max_request_line_bytes;
  too_long_ = {HttpStatus::kUriTooLong, "the request line is too long",
               HttpLimit::kRequestLineBytes};
  if (!TakeUsualRequestLine()) {
    std::string_view line;
    Outcome outcome = NextLine(line);
    if (outcome == Outcome::kComplete) outcome = ReadRequestLine(line);
    if (outcome != Outcome::kComplete) return outcome;
  }
  const Outcome outcome = ReadFields();
  if (outcome != Outcome::kComplete) return outcome;
  head_.bytes = at_;
  return framing_.Finish(head_, error_) ? Outcome::kComplete
                                        : Outcome::kRefused;
}

bool HeadReader::TakeText(std::string_view text) {
  if (!Rest().starts_with(text)) return false;
  at_ += text.size();
  return true;
}

// An HTTP/1.1 request in origin form.
bool HeadReader::TakeUsualRequestLine() {
  constexpr std::string_view kEnd = " HTTP/1.1\r\n";
  const std::string_view rest = Rest();
  const size_t method_bytes = CountFirst(HttpChars::kToken, rest);
  const size_t begin = method_bytes + 2;  // behind a space and a slash
  if (method_bytes == 0 || rest.size() < begin || rest[method_bytes] != ' ' ||
      rest[begin - 1] != '/') {
    return false;
  }
  const size_t path_end =
      begin + CountFirstOfUrl(HttpChars::kPath, rest.substr(begin));
  size_t end = path_end;
  std::string_view query;
  if (end < rest.size() && rest[end] == '?') {
    query = rest.substr(end + 1);
    query = query.substr(0, CountFirstOfUrl(HttpChars::kQuery, query));
    end += 1 + query.size();
  }
  if (!rest.substr(end).starts_with(kEnd)) return false;
  head_.method = rest.substr(0, method_bytes);
  if (head_.method == "CONNECT") return false;
  head_.target.text = rest.substr(begin - 1, end - begin + 1);
  head_.target.path = rest.substr(begin - 1, path_end - begin + 1);
  head_.target.query = query;
  at_ += end + kEnd.size();
  return true;
}

// A name, its colon, and a value that has neither tabs nor spaces at its end.
bool HeadReader::TakeUsualField(HttpField& field) {
  const std::string_view rest = Rest();
  const size_t name_bytes = CountFirst(HttpChars::kToken, rest);
  if (name_bytes == 0 || name_bytes == rest.size() || rest[name_bytes] != ':') {
    return false;
  }
  size_t begin = name_bytes + 1;
  if (begin < rest.size() && rest[begin] == ' ') ++begin;
  const size_t end = begin + CountFirstOfValue(rest.substr(begin));
  if (rest.size() - end < 2 || rest[end] != '\r' || rest[end + 1] != '\n' ||
      rest[begin] == ' ' || rest[end - 1] == ' ') {
    return false;
  }
  field.name = rest.substr(0, name_bytes);
  field.value = rest.substr(begin, end - begin);
  at_ += end + 2;
  return true;
}

// The next line, without its end.
Outcome HeadReader::NextLine(std::string_view& line) {
  const size_t bytes = std::min(input_.size(), end_by_) - at_;
  const void* const found = std::memchr(input_.data() + at_, '\n', bytes);
  if (found == nullptr) {
    if (input_.size() < end_by_) return Outcome::kIncomplete;
    error_ = too_long_;
    return Outcome::kRefused;
  }
  const size_t end = static_cast<const char*>(found) - input_.data();
  if (end == at_ || input_[end - 1] != '\r') {
    return Refuse("a line ends without a carriage return");
  }
  line = input_.substr(at_, end - 1 - at_);
  at_ = end + 1;
  return Outcome::kComplete;
}

Outcome HeadReader::ReadRequestLine(std::string_view line) {
  const size_t method_bytes = CountFirst(HttpChars::kToken, line);
  if (method_bytes == 0 || method_bytes == line.size() ||
      line[method_bytes] != ' ') {
    return Refuse("the request line does not begin with a method and a space");
  }
  const size_t target_begin = method_bytes + 1;
  const size_t target_end = line.find(' ', target_begin);
  if (target_end == std::string_view::npos) {
    return Refuse("the request line has no version");
  }
  head_.method = line.substr(0, method_bytes);
  const Outcome outcome = ReadVersion(line.substr(target_end + 1));
  if (outcome != Outcome::kComplete) return outcome;
  const auto target = RequestTarget::Parse(
      head_.method, line.substr(target_begin, target_end - target_begin));
  if (!target.has_value()) return Refuse("the request target is malformed");
  head_.target = *target;
  return Outcome::kComplete;
}

Outcome HeadReader::ReadVersion(std::string_view version) {
  constexpr std::string_view kShape = "HTTP/1.1";
  if (version == kShape) return Outcome::kComplete;  // nearly always
  if (version.size() != kShape.size() || !version.starts_with("HTTP/") ||
      !Is(HttpChars::kDigit, version[5]) || version[6] != '.' ||
      !Is(HttpChars::kDigit, version[7])) {
    return Refuse("the request line does not end with a version");
  }
  if (version[5] != '1') {  // and that is what HTTP/2 begins with, too
    return Refuse("only HTTP/1.1 and HTTP/1.0 are spoken here",
                  HttpStatus::kHttpVersionNotSupported);
  }
  head_.minor_version = version[7] == '0' ? 0 : 1;
  return Outcome::kComplete;
}

Outcome HeadReader::ReadFields() {
  end_by_ = at_ + limits_.max_header_bytes;
  too_long_ = {HttpStatus::kRequestHeaderFieldsTooLarge,
               "the header fields are too long", HttpLimit::kHeaderBytes};
  while (!TakeText("\r\n")) {
    HttpField field;
    std::string_view line;
    const bool usual = TakeUsualField(field);
    if (!usual) {
      const Outcome outcome = NextLine(line);
      if (outcome != Outcome::kComplete) return outcome;
    }
    if (head_.fields.size() == limits_.max_fields) {
      error_ = {HttpStatus::kRequestHeaderFieldsTooLarge,
                "there are too many header fields", HttpLimit::kFields};
      return Outcome::kRefused;
    }
    if (!usual && !ParseFieldLine(line, field, error_)) {
      return Outcome::kRefused;
    }
    if (!framing_.Add(field, error_)) return Outcome::kRefused;
    head_.fields.push_back(field);
  }
  return Outcome::kComplete;
}

}  // namespace

RequestParser::Outcome RequestParser::Parse(std::string_view input,
                                            const HttpLimits& limits,
                                            RequestHead& head) {
  if (input.empty()) return Outcome::kIncomplete;
  if (searched_bytes_ > 0 && input.size() < too_many_bytes_ &&
      input.find('\n', searched_bytes_) == std::string_view::npos) {
    searched_bytes_ = input.size();
    return Outcome::kIncomplete;
  }
  head.Clear();
  HeadReader reader(input, limits, head, error_);
  const Outcome outcome = reader.Read();
  const bool incomplete = outcome == Outcome::kIncomplete;
  searched_bytes_ = incomplete ? input.size() : 0;
  too_many_bytes_ = incomplete ? reader.end_by() : 0;
  return outcome;
}

}  // namespace rondo
