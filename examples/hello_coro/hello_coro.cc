// Hello in coroutines: an HTTP server, one task for each connection.
//
//   bazel run -c opt //examples/hello_coro -- --port=8080 --threads=2
//   curl http://127.0.0.1:8080/                  prints hello world
//
// Answers as //examples/hello does. The first article ends with such handlers,
// generators on a loop over poll, which cost it a third of its speed.
#include <gflags/gflags.h>

#include <utility>

#include "base/init.h"
#include "examples/hello_protocol.h"
#include "examples/limit_flags.h"
#include "examples/server_main.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task.h"

DEFINE_bool(close, false, "close the connection after each reply");

namespace {

using rondo::Stream;
using rondo::Task;
using rondo::examples::HelloHead;
using rondo::examples::kMaxHelloHeadBytes;

Task<> Serve(Stream stream) {
  for (bool keep = true; keep;) {
    const auto first = co_await stream.Peek();
    if (!first.ok() || first->empty()) co_return;
    stream.connection()->ExpectWithin(rondo::examples::RequestTimeout());
    HelloHead head;
    size_t left = kMaxHelloHeadBytes;
    for (bool complete = false; !complete;) {
      const auto line = co_await stream.ReadUntil("\n", left);
      if (absl::IsResourceExhausted(line.status())) {
        (void)co_await stream.Write(rondo::examples::kHelloHeadTooLong);
      }
      if (!line.ok()) co_return;
      left -= line->size();
      complete = head.AddLine(*line);
    }
    stream.connection()->ExpectNothing();
    keep = head.keep() && !FLAGS_close && !stream.connection()->draining();
    if (!(co_await stream.Write(head.Answer(keep))).ok()) co_return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "hello_coro: answers HTTP with \"hello world\".");
  return rondo::examples::ServeUntilSignal("hello_coro",
                                           rondo::StreamCallbacks(Serve));
}
