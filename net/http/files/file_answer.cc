#include "net/http/files/file_answer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "net/http/byte_ranges.h"
#include "net/http/files/multipart_ranges.h"
#include "net/http/files/preconditions.h"
#include "net/http/files/validators.h"
#include "net/http/http_date.h"

namespace rondo {
namespace {

using Kind = RangeRequest::Kind;

// As Content-Range has it (RFC 9110 §14.4).
std::string ContentRange(const ByteRange& range, uint64_t size) {
  return absl::StrCat("bytes ", range.first, "-", range.last, "/", size);
}

// Which of the file's versions this is about: also said of one that is not sent
// again (§15.4.5).
void AddTag(const Validators& validators, FileAnswer& answer) {
  answer.fields.push_back({"ETag", validators.tag.ToString()});
}

// What is true of the content.
void AddRepresentation(const FileDescription& description,
                       const Validators& validators, FileAnswer& answer) {
  AddTag(validators, answer);
  answer.fields.push_back(
      {"Last-Modified", FormatHttpDate(validators.last_modified)});
  answer.fields.push_back({"Accept-Ranges", "bytes"});
  if (description.coding != ContentCoding::kIdentity) {
    answer.fields.push_back(
        {"Content-Encoding", std::string(NameOf(description.coding))});
  }
  answer.content_type = std::string(description.content_type);
}

// Several ranges may overlap, and ask for more than there is. Nor is it said
// what several of something coded are: Content-Encoding is the whole body's,
// and what stands around the ranges is not coded.
bool AreWorthIt(const std::vector<ByteRange>& ranges, uint64_t size,
                ContentCoding coding) {
  if (ranges.size() > 1 && coding != ContentCoding::kIdentity) return false;
  uint64_t bytes = 0;
  for (const ByteRange& range : ranges) {
    // No sum overflows: a range is within the file.
    if (range.bytes() > size - bytes) return false;
    bytes += range.bytes();
  }
  return true;
}

void SetWhole(uint64_t size, FileAnswer& answer) {
  answer.content_length = size;
  if (size > 0) answer.parts.push_back({.bytes = size});
}

void SetRange(const ByteRange& range, uint64_t size, FileAnswer& answer) {
  answer.status = HttpStatus::kPartialContent;
  answer.fields.push_back({"Content-Range", ContentRange(range, size)});
  answer.content_length = range.bytes();
  answer.parts.push_back({.offset = range.first, .bytes = range.bytes()});
}

void SetRanges(const std::vector<ByteRange>& ranges, uint64_t size,
               FileAnswer& answer) {
  MultipartRanges multipart(answer.content_type);
  answer.status = HttpStatus::kPartialContent;
  answer.content_type = multipart.content_type();
  for (const ByteRange& range : ranges) {
    answer.parts.push_back(
        {.text = multipart.NextHead(ContentRange(range, size)),
         .offset = range.first,
         .bytes = range.bytes()});
  }
  answer.parts.push_back({.text = multipart.End()});
  for (const FileAnswer::Part& part : answer.parts) {
    answer.content_length += part.text.size() + part.bytes;
  }
}

void SetNotSatisfiable(uint64_t size, FileAnswer& answer) {
  answer.status = HttpStatus::kRangeNotSatisfiable;
  answer.fields.push_back({"Content-Range", absl::StrCat("bytes */", size)});
}

// What is sent if nothing speaks against it. `range` is empty for all of it.
void SetContent(const FileDescription& description,
                const Validators& validators, std::string_view range,
                FileAnswer& answer) {
  const uint64_t size = description.file.bytes;
  const RangeRequest request = RangeRequest::Parse(range, size);
  if (request.kind == Kind::kNotSatisfiable) {
    SetNotSatisfiable(size, answer);
    return;
  }
  AddRepresentation(description, validators, answer);
  if (request.kind == Kind::kIgnored ||
      !AreWorthIt(request.ranges, size, description.coding)) {
    SetWhole(size, answer);
  } else if (request.ranges.size() == 1) {
    SetRange(request.ranges.front(), size, answer);
  } else {
    SetRanges(request.ranges, size, answer);
  }
}

}  // namespace

FileAnswer FileAnswer::Plan(std::string_view method,
                            const std::vector<HttpField>& request_fields,
                            const FileDescription& description,
                            absl::Time now) {
  FileAnswer answer;
  if (method != "GET" && method != "HEAD") {
    answer.status = HttpStatus::kMethodNotAllowed;
    answer.fields.push_back({"Allow", "GET, HEAD"});
    return answer;
  }
  const Validators validators = Validators::Of(description.file, now);
  const auto [outcome, range] =
      Preconditions::Evaluate(method, request_fields, validators, now);
  if (description.varies) answer.fields.push_back({"Vary", "Accept-Encoding"});
  switch (outcome) {
    case Preconditions::Outcome::kProceed:
      SetContent(description, validators, range, answer);
      break;
    case Preconditions::Outcome::kNotModified:
      answer.status = HttpStatus::kNotModified;
      AddTag(validators, answer);
      break;
    case Preconditions::Outcome::kFailed:
      answer.status = HttpStatus::kPreconditionFailed;
      break;
  }
  if (method == "HEAD") answer.parts.clear();
  return answer;
}

}  // namespace rondo
