#include "net/http/files/file_handler.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "net/http/files/file_answer.h"
#include "net/http/files/file_stream.h"
#include "net/http/files/file_tree.h"
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

// An answer that is sent from its file. While it waits for others it has none
// open: a connection has one descriptor at most, however much it asks for.
// Nothing is said of the file before it is open again, so that there is still
// an error to be told if it is not the same.
class LargeAnswer {
 public:
  LargeAnswer(std::shared_ptr<const FileFinder> finder, FoundFile found,
              FileAnswer answer)
      : finder_(std::move(finder)),
        found_(std::move(found)),
        answer_(std::move(answer)) {}

  // What OnRoom() takes.
  void operator()(ResponseWriter& writer) {
    if (!stream_.has_value() && !Begin(writer)) return;
    (*stream_)(writer);
  }

 private:
  bool Begin(ResponseWriter& writer) {
    const bool open = found_.has_file();
    const FileError error = open ? FileError::kNone : finder_->Reopen(found_);
    if (error != FileError::kNone) {
      SendError(StatusOf(error), writer);
      return false;
    }
    AddFields(answer_, writer);
    writer.Begin(answer_.status, answer_.content_type, answer_.content_length);
    stream_.emplace(std::move(found_.file.fd), std::move(answer_.parts));
    return true;
  }

  std::shared_ptr<const FileFinder> finder_;
  FoundFile found_;
  FileAnswer answer_;
  std::optional<FileStream> stream_;  // once it has begun
};

void SendRead(FileAnswer answer, UniqueFd file, ResponseWriter& writer) {
  const FileStream stream(std::move(file), std::move(answer.parts));
  std::optional<std::string> body = stream.ReadAll();
  if (!body.has_value()) {
    return SendError(HttpStatus::kInternalServerError, writer);
  }
  AddFields(answer, writer);
  writer.Send({.status = answer.status,
               .body = *std::move(body),
               .content_type = std::move(answer.content_type)});
}

void SendFile(std::shared_ptr<const FileFinder> finder,
              const HttpRequest& request, FoundFile found,
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
  if (request.method() == "HEAD") {
    AddFields(answer, writer);
    writer.Begin(answer.status, answer.content_type, answer.content_length);
    return writer.End();
  }
  if (answer.content_length <= FileHandler::kMaxReadBytes) {
    return SendRead(std::move(answer), std::move(found.file.fd), writer);
  }
  if (!writer.has_turn()) found.file.fd.Reset();
  writer.OnRoom(
      LargeAnswer(std::move(finder), std::move(found), std::move(answer)));
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
  if (found.has_file()) {
    return SendFile(finder_, request, std::move(found), writer);
  }
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
