#include "net/http/response_head.h"

#include <charconv>
#include <cstddef>

namespace rondo {
namespace {

constexpr size_t kMaxDigits = 20;  // of 2^64 - 1

// No head has more than this beside its values.
constexpr std::string_view kLongest =
    "HTTP/1.1 65535 \r\n"
    "Date: \r\n"
    "Content-Type: \r\n"
    "Transfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n"
    "\r\n";

// Writes into memory that is known to be enough, so that not each piece looks
// whether it is: every answer comes through here.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  char* at() const { return at_; }

  void Put(std::string_view text) { at_ += text.copy(at_, text.size()); }
  void PutNumber(uint64_t number) {
    at_ = std::to_chars(at_, at_ + kMaxDigits, number).ptr;
  }
  void PutField(std::string_view name_and_colon, std::string_view value) {
    Put(name_and_colon);
    Put(value);
    Put("\r\n");
  }

 private:
  char* at_;
};

void PutStatusLine(HttpStatus status, std::string_view phrase, Writer& writer) {
  if (status == HttpStatus::kOk) return writer.Put("HTTP/1.1 200 OK\r\n");
  writer.Put("HTTP/1.1 ");
  writer.PutNumber(static_cast<uint64_t>(status));
  writer.PutField(" ", phrase);  // the space is there without a phrase, too
}

void PutFraming(const ResponseHead& head, Writer& writer) {
  const bool ends_here = static_cast<uint16_t>(head.status) < 200 ||
                         head.status == HttpStatus::kNoContent;
  if (ends_here) return;
  if (head.content_length.has_value()) {
    writer.Put("Content-Length: ");
    writer.PutNumber(*head.content_length);
    writer.Put("\r\n");
  } else if (head.chunked) {
    writer.Put("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

void ResponseHead::AppendTo(Buffer& to) const {
  const std::string_view phrase = ReasonPhrase(status);
  to.EnsureWritable(kLongest.size() + kMaxDigits + phrase.size() + date.size() +
                    content_type.size() + field_lines.size());
  Writer writer(to.write_begin());
  PutStatusLine(status, phrase, writer);
  if (!date.empty()) writer.PutField("Date: ", date);
  if (!content_type.empty()) writer.PutField("Content-Type: ", content_type);
  PutFraming(*this, writer);
  writer.Put(field_lines);
  if (connection == Connection::kClose) writer.Put("Connection: close\r\n");
  if (connection == Connection::kKeepAlive) {
    writer.Put("Connection: keep-alive\r\n");
  }
  writer.Put("\r\n");
  to.Commit(writer.at() - to.write_begin());
}

}  // namespace rondo
