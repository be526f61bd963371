#ifndef RONDO_NET_HTTP_HTTP_CONNECTION_H_
#define RONDO_NET_HTTP_HTTP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "net/http/answer_queue.h"
#include "net/http/body_reader.h"
#include "net/http/deferred_response.h"
#include "net/http/exchange.h"
#include "net/http/http_error.h"
#include "net/http/http_loop.h"
#include "net/http/request_parser.h"
#include "net/http/router.h"
#include "net/tcp/buffer.h"
#include "net/tcp/close_reason.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class IncomingBody;
class ResponseWriter;

// HTTP on one connection: requests out of its input, answers in their order.
//
//   head ──no body, or all of it there──► handler ──► head
//    ├─────buffered──► the body has come ──► handler ──► head
//    └─────streamed──► handler ──► the body goes to its reader ──► head
//
// A buffered body stays behind its head in the connection's input, where limits
// and the memory budget see it. When it is whole, the head is read again: views
// into the input do not last, and most bodies come with their heads.
//
// Threading: the loop's thread only.
// Ownership: the TcpConnection's, as its context; borrows that and the loop's.
// Reference: RFC 9112 §9.
class HttpConnection {
 public:
  HttpConnection(TcpConnection* connection, HttpLoop* loop);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection();

  // What the TcpConnection tells.
  void HandleInput(Buffer& input);
  void HandleRoom() {
    const bool waits = awaited_ == Awaited::kNothing || !answers_.empty();
    if (waits || paused_) Settle();
  }
  void HandleTimeout();
  void HandleEnd();  // of the input
  void HandleClose(CloseReason reason);

  // What a ResponseWriter says beside its answer.
  AnswerQueue& answers() { return answers_; }
  void ReadBody(Exchange& exchange, BodyReader reader);
  void PauseBody(const Exchange& exchange);
  void ResumeBody(const Exchange& exchange);
  DeferredResponse Defer(Exchange& exchange);

  // Calls `f` with a writer, or with null if that exchange has been answered.
  void WithExchange(uint64_t id, absl::FunctionRef<void(ResponseWriter*)> f);
  // Answers that exchange, if nobody has.
  void Answer(uint64_t id, HttpResponse response);
  // Whoever has been deferred to will not answer.
  void GiveUpOn(uint64_t id);

  // What a HeldExchange says, at any time.
  HttpLoop& loop() { return *loop_; }
  bool HasBody(const Exchange& exchange) const;
  void Run(Exchange& exchange, absl::FunctionRef<void(ResponseWriter&)> f);
  void Fail(Exchange& exchange);
  bool server_ends() const { return server_ends_; }

 private:
  enum class Awaited : uint8_t { kNothing, kRequest, kHead, kBody };

  // Each false if there is nothing more to do with the input for now.
  bool ReadNext(Buffer& input);
  bool ReadHead(Buffer& input);
  bool BeginRequest(Buffer& input);
  bool BeginBody(Buffer& input);
  bool BeginBuffered(uint64_t max_bytes, Buffer& input);
  bool BeginStreamed(uint64_t max_bytes, Buffer& input);
  bool ReadBuffered(Buffer& input);
  bool ReadStreamed(Buffer& input);
  bool Deliver(Exchange& exchange, std::string_view piece);
  void EndBody(Exchange* exchange);
  void EndReader(Exchange& exchange, const HttpTrailers& trailers);
  void EndWholeBody();
  void RefuseCutBody();
  bool RefuseHead(HttpError error, const Route* route, Buffer& input);
  bool RefuseBody(HttpError error, Buffer& input);
  void Refuse(Exchange& exchange, HttpError error);

  void Handle(std::string_view body, const HttpTrailers& trailers);
  void CallHandler(const Route& route, Exchange& exchange,
                   std::string_view body, const HttpTrailers& trailers);
  void AnswerUnrouted(const Router::Match& match, Exchange& exchange);
  void RequireAnswer(Exchange& exchange);
  void EndLateReader(Exchange& exchange);

  // The exchange whose body is being streamed, if it waits for an answer.
  Exchange* Streamed();
  bool BodyWaits();
  bool IsTooMuchToDrop(const IncomingBody& body) const;
  bool IsCrowded() const;
  void CountCrowd();

  // Around what calls the user: what is said meanwhile through a HeldExchange
  // is settled at its end, as exchanges are being used; and so is the
  // connection's end, which a user who stops the server brings about.
  class Calling;
  void FinishClose();

  // After anything that may have changed what is owed and what is awaited.
  void Settle();
  void UpdateReading();
  void UpdateDeadline();
  void UpdateBodyClock();
  Awaited WhatIsAwaited();

  TcpConnection* const connection_;
  HttpLoop* const loop_;
  AnswerQueue answers_;
  RequestParser parser_;
  std::unique_ptr<IncomingBody> body_;  // of which more is to come
  bool head_begun_ = false;
  bool crowded_ = false;  // reads no request before others are answered
  bool held_ = false;     // HandleInput() has left what could be read
  bool paused_ = false;
  bool input_ended_ = false;
  bool calling_ = false;      // see Calling
  bool close_waits_ = false;  // for its end
  bool server_ends_ = false;  // or its loop, which has closed this
  Awaited awaited_ = Awaited::kNothing;
};

class HttpConnection::Calling {
 public:
  explicit Calling(HttpConnection* connection)
      : connection_(connection),
        before_(std::exchange(connection->calling_, true)) {}
  Calling(const Calling&) = delete;
  ~Calling() {
    connection_->calling_ = before_;
    if (!before_ && connection_->close_waits_) connection_->FinishClose();
  }

 private:
  HttpConnection* const connection_;
  const bool before_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_CONNECTION_H_
