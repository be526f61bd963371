// Echo server in coroutines: straight-line code on the reactor pool.
//
//   bazel run -c opt //examples/echo_coro -- --port=8080 --threads=2
//   nc 127.0.0.1 8080                     whatever you type comes back
//
// What the first article hopes of generators, without what they cost it: see
// //examples/echo for the same with callbacks.
#include <utility>

#include "base/init.h"
#include "examples/server_main.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task.h"

namespace {

using rondo::Stream;
using rondo::Task;

Task<> Echo(Stream stream) {
  while (true) {
    const auto bytes = co_await stream.Read();
    if (!bytes.ok() || bytes->empty()) co_return;
    if (!(co_await stream.Write(*bytes)).ok()) co_return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "echo_coro: sends back what it receives.");
  return rondo::examples::ServeUntilSignal("echo_coro",
                                           rondo::StreamCallbacks(Echo));
}
