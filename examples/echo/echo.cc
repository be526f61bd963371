// Echo: sends back what it receives, on as many loops as you like.
//
//   bazel run -c opt //examples/echo -- --port=7000 --threads=2
//   echo hello | nc -q1 127.0.0.1 7000           prints hello
//
// The smallest use of the reactor pool, and what the benchmarks measure. It
// answers the article whose echo server is built on blocking threads, select
// and epoll in turn.

#include "base/init.h"
#include "examples/server_main.h"

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "echo: sends back what it receives.");
  return rondo::examples::ServeUntilSignal(
      "echo", {.on_message = [](rondo::TcpConnection& connection,
                                rondo::Buffer& input) {
        connection.Send(input.view());
        input.Clear();
      }});
}
