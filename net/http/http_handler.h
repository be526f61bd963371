#ifndef RONDO_NET_HTTP_HTTP_HANDLER_H_
#define RONDO_NET_HTTP_HTTP_HANDLER_H_

#include "absl/functional/any_invocable.h"

namespace rondo {

class HttpRequest;
class ResponseWriter;

// Answers a request, on its connection's loop, or sees to it that it will be
// answered. One that throws has answered 500, and the exception is logged.
//
// Threading: several loops call it at the same time.
using HttpHandler =
    absl::AnyInvocable<void(const HttpRequest&, ResponseWriter&) const>;

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_HANDLER_H_
