#ifndef RONDO_NET_HTTP_PERCENT_DECODING_H_
#define RONDO_NET_HTTP_PERCENT_DECODING_H_

#include <optional>
#include <string>
#include <string_view>

namespace rondo {

// A plus sign: itself, as in paths, or a space, as forms have it in queries.
enum class PlusSign { kItself, kSpace };

// Appends `text` with each %HH as the byte it stands for; decoded once, so that
// %2541 becomes %41. False if a percent sign is not followed by two hex digits.
// Any byte may come out, also '/' and NUL: whoever makes a path of it checks.
// Reference: RFC 3986 §2.1; the URL standard's urlencoded parser.
bool PercentDecode(std::string_view text, PlusSign plus, std::string& to);

// The same as a new string.
std::optional<std::string> PercentDecode(std::string_view text,
                                         PlusSign plus = PlusSign::kItself);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_PERCENT_DECODING_H_
