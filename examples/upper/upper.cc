// Upper: sends back what it receives, in upper case.
//
//   bazel run -c opt //examples/upper -- --port=7001
//   echo hello | nc -q1 127.0.0.1 7001           prints HELLO
//
// The protocol of the article that builds one server five ways: blocking with a
// thread pool, busy polling, select, selectors, epoll with a thread pool. Here
// it is a handler, and the loops are shared.

#include <algorithm>
#include <span>

#include "absl/strings/ascii.h"
#include "base/init.h"
#include "examples/server_main.h"

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "upper: sends back what it receives, in upper case "
                     "(ASCII letters; other bytes as they are).");
  return rondo::examples::ServeUntilSignal(
      "upper", {.on_message = [](rondo::TcpConnection& connection,
                                 rondo::Buffer& input) {
        const std::span bytes(input.data(), input.readable_bytes());
        std::ranges::transform(bytes, bytes.begin(), absl::ascii_toupper);
        connection.Send(input.view());
        input.Clear();
      }});
}
