#ifndef RONDO_NET_CLIENT_HOST_NAME_H_
#define RONDO_NET_CLIENT_HOST_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace rondo {

// RFC 1035 section 2.3.4, the name as text and without the dot at its end.
inline constexpr size_t kMaxHostNameBytes = 253;
inline constexpr size_t kMaxLabelBytes = 63;

// `name` in lower case and without a dot at its end, the one form of all its
// spellings. InvalidArgument, with the name, if no host can have it: a label is
// letters, digits, '-' and '_' (which RFC 1123 does not allow and people use),
// and the last is not a number, so that 256.1.1.1 is no name (section 2.1).
absl::StatusOr<std::string> CanonicalHostName(std::string_view name);

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_HOST_NAME_H_
