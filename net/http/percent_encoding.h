#ifndef RONDO_NET_HTTP_PERCENT_ENCODING_H_
#define RONDO_NET_HTTP_PERCENT_ENCODING_H_

#include <string>
#include <string_view>

namespace rondo {

// Appends `segment` as it may stand between two slashes of a URL's path: all
// but unreserved characters as %HH. What comes out can be read as nothing else,
// for it has no ':' that would end a scheme and no '/'.
// Reference: RFC 3986 §2.3.
void PercentEncode(std::string_view segment, std::string& to);

// The same as a new string.
std::string PercentEncode(std::string_view segment);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_PERCENT_ENCODING_H_
