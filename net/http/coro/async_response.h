#ifndef RONDO_NET_HTTP_CORO_ASYNC_RESPONSE_H_
#define RONDO_NET_HTTP_CORO_ASYNC_RESPONSE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "net/coro/suspension_list.h"
#include "net/http/coro/response_write_awaiter.h"
#include "net/http/held_exchange.h"
#include "net/http/http_response.h"
#include "net/http/http_status.h"
#include "net/http/response_writer.h"

namespace rondo {

// How a task answers: what a ResponseWriter is to a handler.
//
//   fresh ──Send()────────────────────────────► answered
//     └─────Begin()──► streaming ──End()──────────▲
//
// Only what may have to wait is awaited: a client that does not read, or whose
// earlier answers are not ready, holds up Write(). The rest is done when it
// returns. A task that returns before its answer is complete has answered 500
// or, in the middle of it, ended the connection so that it shows; so has one
// that throws.
//
// An answer to HEAD, or of a status that has no body, is complete with Begin():
// Write() is not heard then, End() does nothing, and the task may go on.
//
// What is said when nobody hears it any more does nothing.
//
// Threading: the loop's thread only. Several tasks may write.
// Lifetime: the task's.
// Errors: Unavailable if nobody hears the answer any more; Cancelled, at once,
// if the task is to stop.
class AsyncResponse {
 public:
  explicit AsyncResponse(HeldExchange* exchange) : exchange_(exchange) {}
  AsyncResponse(const AsyncResponse&) = delete;
  AsyncResponse& operator=(const AsyncResponse&) = delete;

  // See ResponseWriter for all of these.
  bool AddField(std::string_view name, std::string_view value);
  void LogUser(std::string_view user);
  void CloseAfter();
  void Send(std::string_view body) { Send(HttpStatus::kOk, body); }
  void Send(HttpStatus status) { Send(status, "", ""); }
  void Send(HttpStatus status, std::string_view body,
            std::string_view content_type = kTextType);
  void Send(HttpResponse response);
  void SendError(HttpStatus status, const char* reason);
  void Begin(HttpStatus status, std::string_view content_type = kTextType,
             std::optional<uint64_t> length = std::nullopt);
  void End();

  // Queues the bytes, and waits while it is better not to write more. A task
  // that is asked to stop while it waits has queued them.
  PieceWriteAwaiter Write(std::string_view piece) { return {this, piece}; }
  // As much of a file as is wanted: it is sent as there is room, and goes on
  // when the last of it is queued.
  FileWriteAwaiter WriteFile(std::shared_ptr<const UniqueFd> file,
                             uint64_t offset, uint64_t bytes) {
    return {this, std::move(file), offset, bytes};
  }

  // --- For who runs the task. ---

  bool answered() const { return answered_; }
  // It leaves the connection.
  void HandleGone();

 private:
  friend class ResponseWriteAwaiter;

  // Calls `f` with a writer if somebody hears it.
  template <typename F>
  void Tell(F f) {
    if (exchange_->waits()) exchange_->Run(f);
  }
  // The same with what completes the answer.
  template <typename F>
  void Answer(F f);
  void Await(ResponseWriteAwaiter& writer);
  void HandleRoom(ResponseWriter& writer);
  // Nobody has heard all of it.
  bool lost() const { return !exchange_->waits() && !answered_; }

  HeldExchange* const exchange_;
  bool begun_ = false;
  bool whole_ = false;  // with Begin()
  bool answered_ = false;
  SuspensionList writers_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_ASYNC_RESPONSE_H_
