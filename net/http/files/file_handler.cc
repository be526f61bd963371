#include "net/http/files/file_handler.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "net/http/files/file_answer.h"
#include "net/http/files/file_stream.h"
#include "net/http/http_response.h"
#include "net/http/http_status.h"

namespace rondo {
namespace {

// What is behind so many segments of a path.
std::string_view Behind(size_t segments, std::string_view path) {
  size_t at = 0;
  while (segments-- > 0 && at != std::string_view::npos) {
    at = path.find('/', at + 1);
  }
  return path.substr(std::min(at, path.size()));
}

const char* ReasonOf(HttpStatus status) {
  switch (status) {
    case HttpStatus::kForbidden:
      return "this may not be read";
    case HttpStatus::kNotFound:
      return "there is no such file";
    case HttpStatus::kMethodNotAllowed:
      return "files have GET and HEAD";
    case HttpStatus::kNotAcceptable:
      return "the file is in no coding that is accepted";
    case HttpStatus::kPreconditionFailed:
      return "the file is not the one that the condition names";
    case HttpStatus::kRangeNotSatisfiable:
      return "the range begins behind the end of the file";
    case HttpStatus::kServiceUnavailable:
      return "the server has too much to do";
    default:
      return "the file cannot be read";
  }
}

void SendError(HttpStatus status, ResponseWriter& writer) {
  writer.SendError(status, ReasonOf(status));
}

void AddFields(const FileAnswer& answer, ResponseWriter& writer) {
  for (const auto& [name, value] : answer.fields) writer.AddField(name, value);
}

void SendPlan(FileAnswer answer, UniqueFd file, ResponseWriter& writer) {
  FileStream stream(std::move(file), std::move(answer.parts));
  if (stream.bytes() > FileHandler::kMaxReadBytes) {
    AddFields(answer, writer);
    writer.Begin(answer.status, answer.content_type, answer.content_length);
    writer.OnRoom(std::move(stream));
    return;
  }
  std::optional<std::string> body = stream.ReadAll();
  if (!body.has_value()) {
    return SendError(HttpStatus::kInternalServerError, writer);
  }
  AddFields(answer, writer);
  writer.Send({.status = answer.status,
               .body = *std::move(body),
               .content_type = std::move(answer.content_type)});
}

void SendFile(const HttpRequest& request, FoundFile found,
              ResponseWriter& writer) {
  FileAnswer answer = FileAnswer::Plan(request.method(), request.fields(),
                                       {.file = found.file,
                                        .content_type = found.content_type,
                                        .coding = found.coding,
                                        .varies = found.varies},
                                       writer.date());
  if (static_cast<int>(answer.status) >= 400) {
    AddFields(answer, writer);
    return SendError(answer.status, writer);
  }
  if (request.method() != "HEAD") {
    return SendPlan(std::move(answer), std::move(found.file.fd), writer);
  }
  AddFields(answer, writer);
  writer.Begin(answer.status, answer.content_type, answer.content_length);
  writer.End();
}

}  // namespace

FileHandler::FileHandler(std::shared_ptr<const FileFinder> finder,
                         std::string_view place)
    : finder_(std::move(finder)),
      place_segments_(std::count(place.begin(), place.end(), '/')) {
  CHECK(place.empty() || (place.starts_with('/') && !place.ends_with('/')))
      << "files cannot have their place at '" << place << "'";
}

void FileHandler::operator()(const HttpRequest& request,
                             ResponseWriter& writer) const {
  if (request.method() != "GET" && request.method() != "HEAD") {
    writer.AddField("Allow", "GET, HEAD");
    return SendError(HttpStatus::kMethodNotAllowed, writer);
  }
  FoundFile found = finder_->Find(Behind(place_segments_, request.path()),
                                  request.query(), request.fields());
  if (found.has_file()) return SendFile(request, std::move(found), writer);
  if (found.varies) writer.AddField("Vary", "Accept-Encoding");
  if (found.status == HttpStatus::kOk) {
    return writer.Send({.body = std::move(found.page),
                        .content_type = std::string(found.content_type)});
  }
  if (found.location.empty()) return SendError(found.status, writer);
  writer.AddField("Location", found.location);
  writer.Send(found.status);
}

}  // namespace rondo
