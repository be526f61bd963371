#ifndef RONDO_NET_HTTP_CORO_COROUTINE_HANDLER_H_
#define RONDO_NET_HTTP_CORO_COROUTINE_HANDLER_H_

#include "absl/functional/any_invocable.h"
#include "net/coro/task.h"
#include "net/http/coro/async_request.h"
#include "net/http/coro/async_response.h"
#include "net/http/http_handler.h"

namespace rondo {

// Makes the task that answers a request; called on the connection's loop, for
// several loops at once. A function, or a lambda that captures nothing: what it
// captures is not in the frame.
using CoroutineHttpHandler =
    absl::AnyInvocable<Task<>(AsyncRequest&, AsyncResponse&) const>;

// A route's handler that runs `handler`'s task for each request, at once until
// it first waits. Its request and response live until its frame has gone.
//
// If the connection closes before the answer is complete, or the server refuses
// the rest of the request, the task is asked to stop. One that has answered may
// go on to do something else. When the server stops or the loop ends, its tasks
// are destroyed, whatever they do. An exception out of one is logged, and ends
// its answer, see AsyncResponse.
//
// A body that is not streamed is copied for its task. Until that has ended, or
// its answer has left, its bytes count as those that
// HttpOptions::max_waiting_answer_bytes limits: a client that sends more waits.
// What a task keeps after that nobody counts.
//
// Example:
//   Task<> Upper(AsyncRequest& request, AsyncResponse& response) {
//     auto piece = co_await request.Read();  // before Begin()
//     response.Begin(HttpStatus::kOk);
//     while (piece.ok() && !piece->empty()) {
//       const std::string upper = ToUpper(*piece);
//       const absl::Status written = co_await response.Write(upper);
//       if (!written.ok()) co_return;
//       piece = co_await request.Read();
//     }
//     if (piece.ok()) response.End();  // else the client has gone
//   }
//   router.Add("POST", "/upper", CoroutineHandler(Upper),
//              {.stream_body = true});
HttpHandler CoroutineHandler(CoroutineHttpHandler handler);

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_COROUTINE_HANDLER_H_
