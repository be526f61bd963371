// What HttpConnection has answered, and what follows from that: handlers, what
// they are told, and who waits for whom.
#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "net/http/error_body.h"
#include "net/http/http_call.h"
#include "net/http/http_connection.h"
#include "net/http/http_request.h"
#include "net/http/incoming_body.h"
#include "net/http/response_writer.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

constexpr const char* kTooLate = "the request did not come in time";

constexpr HttpError kHeadTooLate = {HttpStatus::kRequestTimeout, kTooLate,
                                    HttpLimit::kHeaderTimeout};

constexpr HttpError kBodyTooLate = {HttpStatus::kRequestTimeout, kTooLate,
                                    HttpLimit::kBodyTimeout};

constexpr HttpError kNotFound = {HttpStatus::kNotFound,
                                 "there is nothing by that name"};

constexpr HttpError kNotAllowed = {HttpStatus::kMethodNotAllowed,
                                   "what is there does not have that method"};

constexpr HttpError kNoTunnels = {HttpStatus::kNotImplemented,
                                  "this server is no proxy"};

// What a client that reads takes within a moment.
constexpr size_t kMaxQuickOutputBytes = 64 * 1'024;

}  // namespace

// --- Handlers. ---

void HttpConnection::Handle(std::string_view body,
                            const HttpTrailers& trailers) {
  const RequestHead& head = loop_->head();
  const Router::Match match = loop_->reader().request().match;
  Exchange& exchange =
      answers_.Push(RequestTraits::Of(head), match.route, &head);
  if (body_ != nullptr) {
    body_->exchange_id = exchange.id;
    exchange.must_end = head.expects_continue || IsTooMuchToDrop(*body_);
  }
  loop_->BeginHandling(&exchange);
  if (match.route == nullptr) {
    AnswerUnrouted(match, exchange);
  } else {
    CallHandler(*match.route, exchange, body, trailers);
  }
  loop_->EndHandling();
}

void HttpConnection::CallHandler(const Route& route, Exchange& exchange,
                                 std::string_view body,
                                 const HttpTrailers& trailers) {
  const RequestHead& head = loop_->head();
  const HttpRequest request(head, loop_->reader().request().parameters,
                            connection_->peer_address(), body, trailers);
  ResponseWriter writer(this, &exchange);
  exchange.request_body_bytes = body.size();
  if (!CallUser([&] { route.handler(request, writer); })) {
    return answers_.Fail(exchange);
  }
  if (exchange.stage == Exchange::Stage::kAnswered) return;
  exchange.request.wants_json = WantsJson(head);
  if (!exchange.reads_body()) return RequireAnswer(exchange);
  if (body_ != nullptr) return;
  // It has come already, all of it.
  exchange.request_body_bytes = 0;
  if (body.empty() || Deliver(exchange, body)) {
    return EndReader(exchange, trailers);
  }
  answers_.Fail(exchange);
}

void HttpConnection::AnswerUnrouted(const Router::Match& match,
                                    Exchange& exchange) {
  const RequestTarget& target = loop_->head().target;
  const Router& router = loop_->router();
  if (target.form == RequestTarget::Form::kAuthority) {
    return answers_.SendError(exchange, kNoTunnels);
  }
  if (target.path == "*") {  // also of an absolute form without a path
    if (router.all_methods() != 0) {
      exchange.fields.Add("Allow", router.Allow(router.all_methods()));
    }
    return answers_.Send(exchange, HttpStatus::kNoContent, {}, {});
  }
  if (match.allowed == 0) return answers_.SendError(exchange, kNotFound);
  exchange.fields.Add("Allow", router.Allow(match.allowed));
  answers_.SendError(exchange, kNotAllowed);
}

void HttpConnection::RequireAnswer(Exchange& exchange) {
  if (exchange.stage == Exchange::Stage::kAnswered || exchange.deferred ||
      exchange.on_room != nullptr) {
    return;
  }
  LOG(ERROR) << "HTTP: the handler of " << exchange.route->method << " "
             << exchange.route->pattern << " has given no answer";
  answers_.Fail(exchange);
}

void HttpConnection::ReadBody(Exchange& exchange, BodyReader reader) {
  exchange.body_reader = std::move(reader);
  if (!HasBody(exchange)) return;
  exchange.body_wanted = exchange.reads_body();
  answers_.Continue(exchange);
  exchange.must_end = IsTooMuchToDrop(*body_);
}

void HttpConnection::PauseBody(const Exchange& exchange) {
  if (HasBody(exchange)) body_->held = true;
}

void HttpConnection::ResumeBody(const Exchange& exchange) {
  if (HasBody(exchange)) body_->held = false;
}

bool HttpConnection::HasBody(const Exchange& exchange) const {
  return body_ != nullptr && body_->exchange_id == exchange.id;
}

// Then it is cheaper to begin another connection.
bool HttpConnection::IsTooMuchToDrop(const IncomingBody& body) const {
  return body.bytes_left().value_or(UINT64_MAX) >
         loop_->options().max_dropped_body_bytes;
}

DeferredResponse HttpConnection::Defer(Exchange& exchange) {
  exchange.deferred = true;
  return DeferredResponse(connection_->handle(), exchange.id);
}

void HttpConnection::WithExchange(uint64_t id,
                                  absl::FunctionRef<void(ResponseWriter*)> f) {
  const Calling calling(this);
  Exchange* const exchange = answers_.Find(id);
  if (exchange == nullptr) {
    CallUser([&] { f(nullptr); });
    return;
  }
  ResponseWriter writer(this, exchange);
  if (!CallUser([&] { f(&writer); })) answers_.Fail(*exchange);
  if (exchange->reads_body() && !HasBody(*exchange)) EndLateReader(*exchange);
  Settle();
}

// There is no body, or it has been with the handler already.
void HttpConnection::EndLateReader(Exchange& exchange) {
  if (exchange.request_body_bytes == 0) return EndReader(exchange, {});
  LOG(ERROR) << "HTTP: ReadBody() after the handler of "
             << exchange.route->pattern << ", which streams no body";
  answers_.Fail(exchange);
}

void HttpConnection::Answer(uint64_t id, HttpResponse response) {
  const Calling calling(this);
  Exchange* const exchange = answers_.Find(id);
  if (exchange == nullptr) return;
  answers_.Send(*exchange, std::move(response));
  // A stream that somebody else has begun and now cannot end.
  const bool given = exchange->stage == Exchange::Stage::kAnswered ||
                     exchange->on_room != nullptr;
  if (!given) answers_.Fail(*exchange);
  Settle();
}

void HttpConnection::GiveUpOn(uint64_t id) {
  Exchange* const exchange = answers_.Find(id);
  if (exchange == nullptr || exchange->on_room != nullptr) return;
  LOG(ERROR) << "HTTP: a deferred answer to " << exchange->route->method << " "
             << exchange->route->pattern << " was not given";
  answers_.Fail(*exchange);
  Settle();
}

void HttpConnection::Run(Exchange& exchange,
                         absl::FunctionRef<void(ResponseWriter&)> f) {
  const bool settle = !calling_;
  const Calling calling(this);
  ResponseWriter writer(this, &exchange);
  f(writer);
  if (settle) Settle();
}

void HttpConnection::Fail(Exchange& exchange) {
  Run(exchange, [&](ResponseWriter&) { answers_.Fail(exchange); });
}

// --- What follows. ---

void HttpConnection::Settle() {
  const Calling calling(this);
  answers_.Settle(this);
  EndWholeBody();
  RefuseCutBody();
  if (body_ != nullptr && body_->owes_continue && answers_.empty()) {
    body_->owes_continue = false;
    connection_->Send(kContinue);
  }
  if (input_ended_ && answers_.empty()) connection_->Close();
  UpdateReading();
  connection_->SetOwing(!answers_.empty() || body_ != nullptr || head_begun_);
  UpdateDeadline();
  loop_->Record();
}

void HttpConnection::UpdateReading() {
  crowded_ = crowded_ && IsCrowded();
  const bool pause = crowded_ || BodyWaits();
  if (pause == paused_) return;
  paused_ = pause;
  if (pause) {
    CountCrowd();
    connection_->PauseReading();
  } else {
    connection_->ResumeReading();
  }
}

// For who wants it, and does not want more now.
bool HttpConnection::BodyWaits() {
  const Exchange* const exchange = Streamed();
  if (exchange == nullptr) return false;
  return body_->held || !exchange->reads_body() ||
         answers_.waiting_bytes() > loop_->options().max_waiting_answer_bytes;
}

HttpConnection::Awaited HttpConnection::WhatIsAwaited() {
  const bool streams = Streamed() != nullptr;
  // Of one that closes the connection its body is awaited all the same.
  if (paused_ || input_ended_ || (answers_.closing() && !streams)) {
    return Awaited::kNothing;
  }
  const bool others_first = answers_.size() > (streams ? 1 : 0);
  if (others_first) return Awaited::kNothing;
  if (body_ != nullptr) return Awaited::kBody;
  // Who has much to read yet need not ask for more; HandleRoom() comes.
  if (connection_->output_bytes() > kMaxQuickOutputBytes) {
    return Awaited::kNothing;
  }
  return head_begun_ ? Awaited::kHead : Awaited::kRequest;
}

void HttpConnection::UpdateDeadline() {
  const HttpOptions& options = loop_->options();
  const Awaited before = std::exchange(awaited_, WhatIsAwaited());
  if (body_ != nullptr) UpdateBodyClock();
  switch (awaited_) {
    case Awaited::kNothing:
      return connection_->ExpectNothing();
    case Awaited::kRequest:
      return connection_->ExpectWithin(options.keep_alive_timeout);
    case Awaited::kHead:  // however slowly it comes
      if (before == Awaited::kHead) return;
      return connection_->ExpectWithin(options.header_timeout);
    case Awaited::kBody:
      return;  // see UpdateBodyClock()
  }
}

void HttpConnection::UpdateBodyClock() {
  const MonotonicTime now = loop_->event_loop()->now();
  if (awaited_ != Awaited::kBody) return body_->Pause(now);
  body_->Resume(now);
  connection_->ExpectWithin(body_->Deadline(loop_->options(), now) - now);
}

// The connection sends what this says and closes. Nothing is said of a body
// that nobody waits for.
void HttpConnection::HandleTimeout() {
  const Calling calling(this);
  Buffer nothing;
  const bool dropped =
      body_ != nullptr && body_->exchange_id != 0 && Streamed() == nullptr;
  switch (awaited_) {
    case Awaited::kNothing:
      return;
    case Awaited::kRequest:
      return loop_->CountMet(HttpLimit::kKeepAliveTimeout);
    case Awaited::kHead:
      return Refuse(answers_.Push(RequestTraits(), nullptr, nullptr),
                    kHeadTooLate);
    case Awaited::kBody:
      if (dropped) return loop_->CountMet(HttpLimit::kBodyTimeout);
      RefuseBody(kBodyTooLate, nothing);
  }
}

// What has come whole is answered, what has not never will.
void HttpConnection::HandleEnd() {
  const Calling calling(this);
  input_ended_ = true;
  head_begun_ = false;
  if (Streamed() == nullptr) body_ = nullptr;
  Settle();
}

void HttpConnection::HandleClose(CloseReason reason) {
  server_ends_ = reason == CloseReason::kLoopEnded ||
                 reason == CloseReason::kServerStopped ||
                 connection_->owner_stopped();
  if (answers_.is_cut_off()) connection_->Reset();
  close_waits_ = calling_;
  if (!calling_) FinishClose();
}

void HttpConnection::FinishClose() {
  close_waits_ = false;
  const Calling calling(this);
  answers_.Abort();
  body_ = nullptr;
  loop_->Record();
}

}  // namespace rondo
