#include "net/http/trailer_fields.h"

#include <algorithm>
#include <array>

#include "net/http/http_chars.h"

namespace rondo {
namespace {

// Framing and routing; what modifies a request; who asks; what controls an
// answer; and how content is to be understood.
constexpr std::array<std::string_view, 35> kHeaderOnly = {"Connection",
                                                          "Content-Length",
                                                          "Expect",
                                                          "Host",
                                                          "Keep-Alive",
                                                          "Max-Forwards",
                                                          "TE",
                                                          "Trailer",
                                                          "Transfer-Encoding",
                                                          "Upgrade",

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
                                                          "Content-Type"};

}  // namespace

bool MayBeTrailer(std::string_view name) {
  return std::ranges::none_of(kHeaderOnly, [name](std::string_view its) {
    return EqualsIgnoringCase(name, its);
  });
}

}  // namespace rondo
