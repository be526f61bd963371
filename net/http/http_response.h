#ifndef RONDO_NET_HTTP_HTTP_RESPONSE_H_
#define RONDO_NET_HTTP_HTTP_RESPONSE_H_

#include <optional>
#include <string>
#include <string_view>

#include "net/http/http_status.h"
#include "net/http/response_fields.h"

namespace rondo {

inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

// A whole answer as a value, which any thread may make.
struct HttpResponse {
  HttpStatus status = HttpStatus::kOk;
  std::string body = {};
  std::optional<std::string> content_type = std::nullopt;  // kTextType
  ResponseFields fields = {};
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_RESPONSE_H_
