#ifndef RONDO_NET_HTTP_HTTP_RESPONSE_H_
#define RONDO_NET_HTTP_HTTP_RESPONSE_H_

#include <string>

#include "net/http/http_status.h"
#include "net/http/response_fields.h"

namespace rondo {

// A whole answer as a value, which any thread may make.
struct HttpResponse {
  HttpStatus status = HttpStatus::kOk;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
  ResponseFields fields = {};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_RESPONSE_H_
