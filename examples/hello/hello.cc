// Hello: an HTTP server that answers every request with "hello world".
//
//   bazel run -c opt //examples/hello -- --port=8080 --threads=2
//   curl http://127.0.0.1:8080/                  prints hello world
//   ab -n 10000 -c 10 http://127.0.0.1:8080/     the article's measurement
//
// It answers the article that measures Tornado, asyncio and bare pollers with
// this page; --close answers and closes like the article's servers.
#include <gflags/gflags.h>

#include <utility>

#include "base/init.h"
#include "examples/http_main.h"
#include "net/http/http_request.h"
#include "net/http/response_writer.h"
#include "net/http/router.h"

DEFINE_bool(close, false, "close the connection after each reply");

namespace {

using rondo::HttpRequest;
using rondo::ResponseWriter;
using rondo::Router;

void Hello(const HttpRequest&, ResponseWriter& writer) {
  if (FLAGS_close) writer.CloseAfter();
  writer.Send("hello world\n");
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "hello: answers HTTP with \"hello world\".");
  Router router;
  router.Add(Router::kAnyMethod, "/{path...}", Hello);
  return rondo::examples::ServeHttpUntilSignal("hello", std::move(router));
}
