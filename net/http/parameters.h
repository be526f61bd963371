#ifndef RONDO_NET_HTTP_PARAMETERS_H_
#define RONDO_NET_HTTP_PARAMETERS_H_

#include <string_view>

namespace rondo {

// Whether `text` is what may follow a transfer coding's name or a chunk's size:
// any number of ;name or ;name=value, where a value is a token or quoted.
// Reference: RFC 9112 §7 and §7.1.1; RFC 9110 §5.6.4 (quoted strings).
bool AreParameters(std::string_view text);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_PARAMETERS_H_
