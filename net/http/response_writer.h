#ifndef RONDO_NET_HTTP_RESPONSE_WRITER_H_
#define RONDO_NET_HTTP_RESPONSE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/unique_fd.h"
#include "net/http/body_reader.h"
#include "net/http/deferred_response.h"
#include "net/http/http_response.h"
#include "net/http/http_status.h"

namespace rondo {

class HttpConnection;
struct Exchange;

// How a request is answered: at once, piece by piece, or later.
//
//   fresh ──Send()────────────────────────────► answered
//     └─────Begin()──► streaming ──End()──────────▲
//
// A handler that returns with nothing of this, without ReadBody() and without
// Defer(), has answered 500. What is said out of its state is logged and does
// nothing.
//
// Answers leave in the order of the requests. What is given of one that has
// others before it waits in memory; its OnRoom() does not come before its turn.
//
// Threading: the loop's thread only; other threads hold a DeferredResponse.
// Lifetime: until the callback that was given it returns.
// Reference: RFC 9112 §9.3.2 (the order), §7.1.2 (trailers).
class ResponseWriter {
 public:
  ResponseWriter(HttpConnection* connection, Exchange* exchange)
      : connection_(connection), exchange_(exchange) {}
  ResponseWriter(const ResponseWriter&) = delete;
  ResponseWriter& operator=(const ResponseWriter&) = delete;

  // Before Send() or Begin(), a field of the head; after Begin(), of the
  // trailer, which only chunks have. False if it may not be, see
  // ResponseFields and MayBeTrailer().
  bool AddField(std::string_view name, std::string_view value);

  // What Date says if the answer begins now. No other date in its head may be
  // later (RFC 9110 §8.8.2.1).
  absl::Time date() const;

  // Who has asked, for the access log, if the handler has made sure of it.
  void LogUser(std::string_view user);

  // Before Send() or Begin(): the connection ends with this answer.
  void CloseAfter();

  // The whole answer.
  void Send(std::string_view body) { Send(HttpStatus::kOk, body); }
  void Send(HttpStatus status) { Send(status, "", ""); }
  void Send(HttpStatus status, std::string_view body,
            std::string_view content_type = kTextType);
  void Send(HttpResponse response);
  // An error's: a line of text, or JSON for who would rather have that.
  void SendError(HttpStatus status, const char* reason);

  // An answer in pieces: of so many bytes in all or, if nobody knows how many,
  // in chunks, and for HTTP/1.0 until the connection ends.
  void Begin(HttpStatus status, std::string_view content_type = kTextType,
             std::optional<uint64_t> length = std::nullopt);
  // False once nobody hears it.
  bool Write(std::string_view piece);
  // Requires: called by OnRoom()'s callback.
  bool WriteFile(std::shared_ptr<const UniqueFd> file, uint64_t offset,
                 size_t bytes);
  void End();

  // Whether no answer is before this one.
  bool has_turn() const;
  // Better not write more for now.
  bool is_sated() const;
  // What had better be written at once: so many more bytes sate it. What is
  // beyond may end the connection, by ConnectionLimits::max_output_bytes. 0 if
  // it is sated.
  size_t room_bytes() const;
  // Has `on_room` called when it is this answer's turn, and then each time when
  // there is room again, until the answer has ended: it should write until it
  // is sated. It may come more often, and may be what begins the answer.
  void OnRoom(absl::AnyInvocable<void(ResponseWriter&)> on_room);

  // The body, of a route that streams it. Without a reader it waits in the
  // kernel, or is dropped once there is an answer. Before Begin(), if that is
  // not to wait for the body: a head that leaves first tells the client that
  // nobody reads more, with `Connection: close` and without 100 Continue.
  void ReadBody(BodyReader reader);
  // Between them it waits in the kernel.
  void PauseBody();
  void ResumeBody();

  // Has the answer given later, by any thread.
  DeferredResponse Defer();

 private:
  friend class HeldExchange;

  HttpConnection* const connection_;
  Exchange* const exchange_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_RESPONSE_WRITER_H_
