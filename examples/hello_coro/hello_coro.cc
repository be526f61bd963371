// Hello in coroutines: an HTTP server, one task for each request.
//
//   bazel run -c opt //examples/hello_coro -- --port=8080 --threads=2
//   curl http://127.0.0.1:8080/                  prints hello world
//
// Answers as //examples/hello does. The first article ends with such handlers,
// generators on a loop over poll, which cost it a third of its speed.
#include <gflags/gflags.h>

#include <utility>

#include "base/init.h"
#include "examples/http_main.h"
#include "net/coro/task.h"
#include "net/http/coro/coroutine_handler.h"
#include "net/http/router.h"

DEFINE_bool(close, false, "close the connection after each reply");

namespace {

using rondo::AsyncRequest;
using rondo::AsyncResponse;
using rondo::CoroutineHandler;
using rondo::Router;
using rondo::Task;

Task<> Hello(AsyncRequest&, AsyncResponse& response) {
  if (FLAGS_close) response.CloseAfter();
  response.Send("hello world\n");
  co_return;
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv,
                     "hello_coro: answers HTTP with \"hello world\".");
  Router router;
  router.Add(Router::kAnyMethod, "/{path...}", CoroutineHandler(Hello));
  return rondo::examples::ServeHttpUntilSignal("hello_coro", std::move(router));
}
