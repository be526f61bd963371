#ifndef RONDO_NET_HTTP_BODY_READER_H_
#define RONDO_NET_HTTP_BODY_READER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace rondo {

class ResponseWriter;

// The fields behind a chunked body: names and values.
using HttpTrailers = std::vector<std::pair<std::string, std::string>>;

// Who takes a request's body as it comes.
//
//   on_data… ──► on_end       that was all of it
//      └───────► on_abort     the rest does not come: it is malformed, too long
//                             or too slow, the request has been answered, or
//                             the connection has closed
//
// Threading: the loop's thread only.
// Lifetime: data is good until the callback returns.
struct BodyReader {
  absl::AnyInvocable<void(ResponseWriter&, std::string_view)> on_data = nullptr;
  absl::AnyInvocable<void(ResponseWriter&, const HttpTrailers&)> on_end =
      nullptr;
  absl::AnyInvocable<void()> on_abort = nullptr;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_BODY_READER_H_
