// Echo server in two coroutines: one accepts, one for each client echoes.
//
//   bazel run -c opt //examples/echo_coro -- --port=8080
//   echo hello | nc -q1 127.0.0.1 8080          prints hello
//
// Straight-line code on one loop, as the first article ends with: its
// generators cost a third of the speed, these nothing. See //examples/echo for
// the same with callbacks, //examples/upper_coro for coroutines on several
// loops.
#include <utility>

#include "base/init.h"
#include "examples/listener_main.h"
#include "net/coro/stream.h"
#include "net/coro/stream_listener.h"
#include "net/coro/task.h"
#include "net/coro/task_scope.h"

namespace {

using rondo::EventLoop;
using rondo::Stream;
using rondo::StreamListener;
using rondo::Task;

Task<> Echo(Stream stream) {
  while (true) {
    const auto bytes = co_await stream.Read();
    if (!bytes.ok() || bytes->empty()) co_return;
    if (!(co_await stream.Write(*bytes)).ok()) co_return;
  }
}

// Until the listener is closed; then the clients are asked to stop.
Task<> Serve(EventLoop* loop, StreamListener& listener) {
  rondo::TaskScope clients(loop);
  while (true) {
    auto stream = co_await listener.Accept();
    if (!stream.ok()) break;
    clients.Spawn(Echo(*std::move(stream)));
  }
  clients.RequestStop();
  co_await clients.Join();
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "echo_coro: sends back what it receives.");
  return rondo::examples::ListenUntilSignal("echo_coro", Serve);
}
