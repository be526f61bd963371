#ifndef RONDO_NET_HTTP_HTTP_ERROR_H_
#define RONDO_NET_HTTP_HTTP_ERROR_H_

#include "net/http/http_status.h"

namespace rondo {

// Why a request is refused.
struct HttpError {
  HttpStatus status = HttpStatus::kOk;
  // For the person who wrote the client: one sentence without its full stop.
  // Static.
  const char* reason = "";
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_ERROR_H_
