#ifndef RONDO_NET_HTTP_CORO_ASYNC_REQUEST_H_
#define RONDO_NET_HTTP_CORO_ASYNC_REQUEST_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "net/coro/task.h"
#include "net/http/coro/body_read_awaiter.h"
#include "net/http/coro/kept_request.h"
#include "net/http/held_exchange.h"
#include "net/http/http_request.h"

namespace rondo {

// What is asked, as a task sees it: all of HttpRequest, for as long as the task
// runs, and the body when the task wants it.
//
// A body that is not read waits in the kernel, or is dropped once there is an
// answer; a client that asks first (100-continue) is told to send it when it is
// first read. That had better be before AsyncResponse::Begin(): a head that
// leaves first tells the client that nobody reads, see
// ResponseWriter::ReadBody().
//
// Threading: the loop's thread only. One task reads at a time.
// Lifetime: the task's.
// Errors: Aborted if the rest of the body does not come: it is malformed, too
// long or too slow, the request has been answered, or the connection has
// closed. A task that is to stop gives Cancelled at once.
class AsyncRequest : public HttpRequest {
 public:
  AsyncRequest(HeldExchange* exchange, KeptRequest* kept);
  ~AsyncRequest();

  // The next piece of the body; empty at its end, when trailers() have come.
  // Good until the task waits for anything. A route that does not stream has
  // body(), which is the only piece.
  BodyReadAwaiter Read() { return BodyReadAwaiter(this); }

  // All that has not been read. ResourceExhausted if that is more than
  // `max_bytes`: then what is left may still be read.
  Task<absl::StatusOr<std::string>> ReadAll(size_t max_bytes);

  // --- For who runs the task. ---

  // It leaves the connection.
  void HandleGone();

 private:
  friend class BodyReadAwaiter;

  // Nothing is to be waited for.
  bool IsOver() const;
  absl::StatusOr<std::string_view> Take();
  void Await(BodyReadAwaiter& reader);
  void Pause();

  void HandleData(ResponseWriter& writer, std::string_view piece);
  void HandleEnd(const HttpTrailers& trailers);
  // Runs the task that reads; false if that has destroyed this.
  bool ResumeReader();

  HeldExchange* const exchange_;
  KeptRequest* const kept_;
  const bool streams_;
  bool begun_ = false;   // to be read
  bool asking_ = false;  // a reader is about to wait
  bool paused_ = false;  // nobody waits for the next piece
  bool ended_ = false;
  bool* destroyed_ = nullptr;  // to be told, while the task runs
  BodyReadAwaiter* reader_ = nullptr;
  std::string_view piece_;  // has come, and is not taken
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_ASYNC_REQUEST_H_
