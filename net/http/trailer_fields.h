#ifndef RONDO_NET_HTTP_TRAILER_FIELDS_H_
#define RONDO_NET_HTTP_TRAILER_FIELDS_H_

#include <string_view>

namespace rondo {

// Whether a field of that name may stand behind a body. Not if it says how to
// read, route, understand or keep the message, or who has sent it: it would
// come too late, and whoever puts header and trailer together would be misled.
// Reference: RFC 9110 §6.5.1.
bool MayBeTrailer(std::string_view name);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_TRAILER_FIELDS_H_
