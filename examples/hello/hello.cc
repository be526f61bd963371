// Hello: an HTTP server that answers every request with "hello world".
//
//   bazel run -c opt //examples/hello -- --port=8080 --threads=2
//   curl http://127.0.0.1:8080/                  prints hello world
//   ab -n 10000 -c 10 http://127.0.0.1:8080/     the article's measurement
//
// It answers the article that measures Tornado, asyncio and bare pollers with
// this page. Requests have no body: one reply for each blank line, however the
// bytes are split. HTTP/1.0 closes unless asked not to, HTTP/1.1 the other way
// round; --close answers and closes like the article's.
#include <gflags/gflags.h>

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/init.h"
#include "examples/limit_flags.h"
#include "examples/server_main.h"

DEFINE_bool(close, false, "close the connection after each reply");

namespace {

constexpr size_t kMaxHeadBytes = 8 * 1024;  // a longer one is refused
constexpr std::string_view kStatus = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kKeep = "Connection: keep-alive\r\n";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kFields =
    "Content-Type: text/plain\r\nContent-Length: 12\r\n\r\n";
constexpr std::string_view kBody = "hello world\n";
constexpr std::string_view kTooLong =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

// What matters of a request's head. Lines come without their ends.
struct Head {
  void AddLine(std::string_view line) {
    if (!begun) {
      begun = true;
      is_head = line.starts_with("HEAD ");
      old_version = line.ends_with("HTTP/1.0");
      keep = !old_version;
      return;
    }
    const absl::string_view field(line.data(), line.size());
    if (!absl::StartsWithIgnoreCase(field, "connection:")) return;
    const std::string value = absl::AsciiStrToLower(field);
    if (absl::StrContains(value, "close")) keep = false;
    if (absl::StrContains(value, "keep-alive")) keep = true;
  }
  bool begun = false, is_head = false, old_version = false, keep = true;
};

void Answer(rondo::TcpConnection& connection, const Head& head) {
  const bool keep = head.keep && !FLAGS_close && !connection.draining();
  connection.Send(kStatus);
  if (!keep) connection.Send(kClose);
  if (keep && head.old_version) connection.Send(kKeep);
  connection.Send(kFields);
  if (!head.is_head) connection.Send(kBody);
  if (!keep) connection.Close();
}

// Answers all requests that have come whole; leaves the rest in `input`.
void OnMessage(rondo::TcpConnection& connection, rondo::Buffer& input) {
  Head head;
  size_t line_begin = 0;
  while (auto line_end = input.Find('\n', line_begin)) {
    std::string_view line =
        input.view().substr(line_begin, *line_end - line_begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line_begin = *line_end + 1;
    if (!line.empty()) {
      head.AddLine(line);
      continue;
    }
    if (line_begin > kMaxHeadBytes) break;
    if (head.begun) Answer(connection, head);  // else a stray blank line
    connection.ExpectNothing();
    input.Consume(line_begin);
    line_begin = 0;
    head = Head();
  }
  if (!input.empty() && !connection.expects()) {
    connection.ExpectWithin(rondo::examples::RequestTimeout());
  }
  if (input.readable_bytes() <= kMaxHeadBytes) return;
  connection.Send(kTooLong);
  input.Clear();
  connection.Close();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "hello: answers HTTP with \"hello world\".");
  return rondo::examples::ServeUntilSignal("hello", {.on_message = OnMessage});
}
