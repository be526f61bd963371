// HTTP in coroutines: a body that is sent back as it comes, and an answer that
// takes a second.
//
//   bazel run -c opt //examples/http_coro -- --port=8080
//   curl -d 'hello' http://127.0.0.1:8080/upper        prints HELLO
//   curl -T big_file http://127.0.0.1:8080/upper       the same of any size
//   curl http://127.0.0.1:8080/sleep                   prints slept, late
//
// Straight-line code where //examples/upper and //examples/sleep_server have
// callbacks. A client that sends and does not read stops at what the sockets
// hold: Write() waits, so Read() is not called. Requests that sleep hold up
// nobody; when their client goes, they end.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/init.h"
#include "examples/http_main.h"
#include "net/coro/sleep.h"
#include "net/coro/task.h"
#include "net/http/coro/coroutine_handler.h"
#include "net/http/http_status.h"
#include "net/http/router.h"

namespace {

using rondo::AsyncRequest;
using rondo::AsyncResponse;
using rondo::CoroutineHandler;
using rondo::HttpStatus;
using rondo::Router;
using rondo::SleepFor;
using rondo::Task;

std::string ToUpper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
  return upper;
}

Task<> Upper(AsyncRequest& request, AsyncResponse& response) {
  auto piece = co_await request.Read();
  response.Begin(HttpStatus::kOk);
  while (piece.ok() && !piece->empty()) {
    const std::string upper = ToUpper(*piece);
    const absl::Status written = co_await response.Write(upper);
    if (!written.ok()) co_return;
    piece = co_await request.Read();
  }
  if (piece.ok()) response.End();  // else the client has gone
}

Task<> Sleep(AsyncRequest&, AsyncResponse& response) {
  const bool slept = co_await SleepFor(absl::Seconds(1));
  if (slept) response.Send("slept\n");
}

}  // namespace

int main(int argc, char** argv) {
  rondo::InitProgram(argc, argv, "http_coro: HTTP handlers as coroutines.");
  Router router;
  for (const char* method : {"POST", "PUT"}) {
    router.Add(method, "/upper", CoroutineHandler(Upper),
               {.max_body_bytes = UINT64_MAX, .stream_body = true});
  }
  router.Add("GET", "/sleep", CoroutineHandler(Sleep));
  return rondo::examples::ServeHttpUntilSignal("http_coro", std::move(router));
}
