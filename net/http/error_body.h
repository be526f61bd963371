#ifndef RONDO_NET_HTTP_ERROR_BODY_H_
#define RONDO_NET_HTTP_ERROR_BODY_H_

#include <string>
#include <string_view>

#include "net/http/http_error.h"
#include "net/http/request_head.h"

namespace rondo {

inline constexpr std::string_view kJsonType = "application/json";

// Whether who sends this Accept would rather have JSON than plain text; not if
// it is all the same to them.
// Reference: RFC 9110 §12.5.1.
bool PrefersJson(std::string_view accept);

bool WantsJson(const RequestHead& head);

// What an error's answer says to whoever reads it.
//
//   400 Bad Request: Host is missing
//   {"status":400,"title":"Bad Request","detail":"Host is missing"}
std::string ErrorBody(HttpError error, bool json);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ERROR_BODY_H_
