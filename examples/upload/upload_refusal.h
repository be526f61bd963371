#ifndef RONDO_EXAMPLES_UPLOAD_UPLOAD_REFUSAL_H_
#define RONDO_EXAMPLES_UPLOAD_UPLOAD_REFUSAL_H_

#include <optional>

#include "net/http/http_request.h"
#include "net/http/http_status.h"

namespace rondo::examples {

// What is wrong with an upload, for who sends it.
struct UploadRefusal {
  HttpStatus status;
  const char* reason;
};

// What can be told from a request's head, whose {name} is the file's: nobody
// should have to send the body to learn it.
std::optional<UploadRefusal> FindRefusal(const HttpRequest& request);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_UPLOAD_UPLOAD_REFUSAL_H_
