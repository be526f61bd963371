#ifndef RONDO_NET_HTTP_HTTP_ERROR_H_
#define RONDO_NET_HTTP_HTTP_ERROR_H_

#include <optional>

#include "net/http/http_limit.h"
#include "net/http/http_status.h"

namespace rondo {

// Why a request is refused.
struct HttpError {
  HttpStatus status = HttpStatus::kOk;
  // For the person who wrote the client: one sentence without its full stop.
  // Static.
  const char* reason = "";
  // That is broken, if it is one.
  std::optional<HttpLimit> limit = std::nullopt;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_ERROR_H_
