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

#include <string_view>

#include "base/init.h"
#include "examples/hello_protocol.h"
#include "examples/limit_flags.h"
#include "examples/server_main.h"

DEFINE_bool(close, false, "close the connection after each reply");

namespace {

using rondo::Buffer;
using rondo::TcpConnection;
using rondo::examples::HelloHead;
using rondo::examples::kMaxHelloHeadBytes;

void Answer(TcpConnection& connection, const HelloHead& head) {
  const bool keep = head.keep() && !FLAGS_close && !connection.draining();
  connection.Send(head.Answer(keep));
  if (!keep) connection.Close();
}

// Answers all requests that have come whole; leaves the rest in `input`.
void OnMessage(TcpConnection& connection, Buffer& input) {
  HelloHead head;
  size_t line_begin = 0;
  while (auto line_end = input.Find('\n', line_begin)) {
    const size_t next = *line_end + 1;
    const bool complete =
        head.AddLine(input.view().substr(line_begin, next - line_begin));
    line_begin = next;
    if (!complete) continue;
    if (next > kMaxHelloHeadBytes) break;
    Answer(connection, head);
    connection.ExpectNothing();
    input.Consume(next);
    line_begin = 0;
    head = HelloHead();
  }
  if (!input.empty() && !connection.expects()) {
    connection.ExpectWithin(rondo::examples::RequestTimeout());
  }
  if (input.readable_bytes() <= kMaxHelloHeadBytes) return;
  connection.Send(rondo::examples::kHelloHeadTooLong);
  input.Clear();
  connection.Close();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "hello: answers HTTP with \"hello world\".");
  return rondo::examples::ServeUntilSignal("hello", {.on_message = OnMessage});
}
