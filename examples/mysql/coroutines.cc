// A task for each connection, which awaits the answer on its loop.
#include "examples/limit_flags.h"
#include "examples/mysql/database.h"
#include "examples/mysql/designs.h"
#include "examples/mysql/requests.h"
#include "net/coro/stream.h"
#include "net/coro/stream_callbacks.h"
#include "net/coro/task.h"
#include "net/mysql/async_query.h"

namespace rondo::examples {
namespace {

Task<> Serve(Stream stream) {
  const auto first = co_await stream.Peek();
  if (!first.ok() || first->empty()) co_return;
  stream.connection()->ExpectWithin(RequestTimeout());
  HelloHead head;
  size_t left = kMaxHelloHeadBytes;
  for (bool complete = false; !complete;) {
    const auto line = co_await stream.ReadUntil("\n", left);
    if (absl::IsResourceExhausted(line.status())) {
      (void)co_await stream.Write(kHelloHeadTooLong);
    }
    if (!line.ok()) co_return;
    left -= line->size();
    complete = head.AddLine(*line);
  }
  stream.connection()->ExpectNothing();
  MySqlPool& pool = LoopDatabase::Of(stream.connection()->loop());
  const auto result = co_await AsyncQuery(pool, kQuery, QueryOptions());
  if (absl::IsCancelled(result.status())) co_return;  // the client has left
  (void)co_await stream.Write(AnswerTo(head, result));
}

}  // namespace

ConnectionCallbacks WithCoroutines() { return StreamCallbacks(Serve); }

}  // namespace rondo::examples
