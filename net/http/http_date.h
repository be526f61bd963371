#ifndef RONDO_NET_HTTP_HTTP_DATE_H_
#define RONDO_NET_HTTP_HTTP_DATE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace rondo {

// As `Sun, 06 Nov 1994 08:49:37 GMT`. Whole seconds.
// Reference: RFC 9110 §5.6.7.
std::string FormatHttpDate(absl::Time time);

// That form, and the two obsolete ones, as everybody must read them; of the
// year's two digits of one, the century is that within 50 years of `now`.
std::optional<absl::Time> ParseHttpDate(std::string_view text, absl::Time now);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_DATE_H_
