#ifndef RONDO_EXAMPLES_MYSQL_REQUESTS_H_
#define RONDO_EXAMPLES_MYSQL_REQUESTS_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "examples/hello_protocol.h"
#include "net/mysql/mysql_result.h"
#include "net/tcp/buffer.h"
#include "net/tcp/tcp_connection.h"

namespace rondo::examples {

// A request's head, once it has come whole; reading is paused then. Refuses one
// that is too long.
std::optional<HelloHead> TakeRequest(TcpConnection& connection, Buffer& input);

// The answer to it: "hello world", or 503 and a line in the log, at most one a
// second.
std::string_view AnswerTo(const HelloHead& head,
                          const absl::StatusOr<MySqlResult>& result);

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_MYSQL_REQUESTS_H_
