#include "net/http/trailer_fields.h"

#include <algorithm>

#include "net/http/http_chars.h"

namespace rondo {
namespace {

// Framing and routing; what modifies a request; who asks; what controls an
// answer; and how content is to be understood.
constexpr std::string_view kHeaderOnly[] = {
    "Connection",
    "Content-Length",
    "Expect",
    "Forwarded",
    "Host",
    "Keep-Alive",
    "Max-Forwards",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",

    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Range",

    "Authorization",
    "Cookie",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Set-Cookie",
    "WWW-Authenticate",

    "Age",
    "Cache-Control",
    "Date",
    "Expires",
    "Location",
    "Pragma",
    "Retry-After",
    "Vary",
    "Warning",

    "Content-Encoding",
    "Content-Location",
    "Content-Range",
    "Content-Type",
};

}  // namespace

bool MayBeTrailer(std::string_view name) {
  return std::ranges::none_of(kHeaderOnly, [name](std::string_view its) {
    return EqualsIgnoringCase(name, its);
  });
}

}  // namespace rondo
