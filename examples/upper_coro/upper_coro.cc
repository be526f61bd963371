// Upper in coroutines: sends back what it receives, in upper case.
//
//   bazel run -c opt //examples/upper_coro -- --port=7001 --threads=2
//   echo hello | nc -q1 127.0.0.1 7001           prints HELLO
//
// A task for each connection, on as many loops as you like: the server accepts,
// and draining, limits and all other flags are those of //examples/upper.
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "base/init.h"
#include "examples/server_main.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task.h"

namespace {

using rondo::Stream;
using rondo::Task;

Task<> Upper(Stream stream) {
  std::string upper;  // whose memory serves every round
  while (true) {
    const auto bytes = co_await stream.Read();
    if (!bytes.ok() || bytes->empty()) co_return;
    upper.assign(*bytes);
    absl::AsciiStrToUpper(&upper);
    if (!(co_await stream.Write(std::string_view(upper))).ok()) co_return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "upper_coro: echoes in upper case.");
  return rondo::examples::ServeUntilSignal("upper_coro",
                                           rondo::StreamCallbacks(Upper));
}
