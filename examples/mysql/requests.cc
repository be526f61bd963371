#include "examples/mysql/requests.h"

#include <glog/logging.h>

#include "examples/limit_flags.h"

namespace rondo::examples {
namespace {

constexpr std::string_view kUnavailable =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
    "Content-Type: text/plain\r\nContent-Length: 21\r\n\r\n"
    "database unavailable\n";

}  // namespace

std::optional<HelloHead> TakeRequest(TcpConnection& connection, Buffer& input) {
  HelloHead head;
  std::string_view rest = input.view();
  bool complete = false;
  while (!complete && rest.find('\n') != rest.npos) {
    const size_t line = rest.find('\n') + 1;
    complete = head.AddLine(rest.substr(0, line));
    rest.remove_prefix(line);
  }
  if (!complete && input.readable_bytes() <= kMaxHelloHeadBytes) {
    if (!connection.expects()) connection.ExpectWithin(RequestTimeout());
    return std::nullopt;
  }
  connection.ExpectNothing();
  if (complete) {
    connection.PauseReading();
  } else {
    connection.Send(kHelloHeadTooLong);
    connection.Close();
  }
  input.Clear();
  return complete ? std::make_optional(head) : std::nullopt;
}

std::string_view AnswerTo(const HelloHead& head,
                          const absl::StatusOr<MySqlResult>& result) {
  if (result.ok()) return head.Answer(/*keep=*/false);
  LOG_EVERY_T(WARNING, 1) << "no answer from the database: "
                          << result.status().message();
  return kUnavailable;
}

}  // namespace rondo::examples
