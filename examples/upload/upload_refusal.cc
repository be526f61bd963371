#include "examples/upload/upload_refusal.h"

#include <limits.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"

namespace rondo::examples {

std::optional<UploadRefusal> FindRefusal(const HttpRequest& request) {
  const std::string_view name = *request.parameter("name");
  // Names are logged: a newline in one would begin a line of its own.
  if (std::any_of(name.begin(), name.end(), absl::ascii_iscntrl)) {
    return UploadRefusal{HttpStatus::kBadRequest,
                         "the name has a control byte"};
  }
  if (name[0] == '.' || name.find('/') != name.npos) {
    return UploadRefusal{HttpStatus::kForbidden, "no file may have that name"};
  }
  if (name.size() > NAME_MAX) {
    return UploadRefusal{HttpStatus::kUriTooLong,
                         "the name is longer than a file's may be"};
  }
  if (request.Find("Content-Range").has_value()) {  // RFC 9110 §14.5
    return UploadRefusal{HttpStatus::kBadRequest,
                         "only whole files are taken, no ranges of them"};
  }
  return std::nullopt;
}

}  // namespace rondo::examples
