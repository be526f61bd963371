#include "net/http/http_connection.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "net/http/error_body.h"
#include "net/http/http_call.h"
#include "net/http/http_request.h"
#include "net/http/incoming_body.h"
#include "net/http/response_writer.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

using Outcome = IncomingBody::Outcome;

constexpr HttpError kTooLarge = {HttpStatus::kContentTooLarge,
                                 "the body is too large"};
constexpr HttpError kTooLate = {HttpStatus::kRequestTimeout,
                                "the request did not come in time"};
constexpr HttpError kTooShort = {HttpStatus::kBadRequest,
                                 "the body ends too early"};
constexpr HttpError kNotFound = {HttpStatus::kNotFound,
                                 "there is nothing by that name"};
constexpr HttpError kNotAllowed = {HttpStatus::kMethodNotAllowed,
                                   "what is there does not have that method"};
constexpr HttpError kNoTunnels = {HttpStatus::kNotImplemented,
                                  "this server is no proxy"};

}  // namespace

HttpConnection::HttpConnection(TcpConnection* connection, HttpLoop* loop)
    : connection_(connection), loop_(loop), answers_(connection, loop) {}

HttpConnection::~HttpConnection() = default;

// --- Requests. ---

void HttpConnection::HandleInput(Buffer& input) {
  do {
    held_ = false;
    while (!input.empty() && ReadNext(input)) {
    }
    head_begun_ = body_ == nullptr && !input.empty();
    Settle();
    // What held it back may be over with that.
  } while (held_ && !paused_ && !input.empty());
}

bool HttpConnection::ReadNext(Buffer& input) {
  if (body_ == nullptr) return ReadHead(input);
  return body_->exchange_id != 0 ? ReadStreamed(input) : ReadBuffered(input);
}

bool HttpConnection::ReadHead(Buffer& input) {
  if (answers_.closing()) {  // whoever sends it has been told
    input.Clear();
    return false;
  }
  if (IsCrowded()) {
    crowded_ = held_ = true;
    return false;
  }
  switch (loop_->reader().Read(parser_, input.view())) {
    case RequestParser::Outcome::kIncomplete:
      return false;
    case RequestParser::Outcome::kComplete:
      return BeginRequest(input);
    case RequestParser::Outcome::kRefused:
      return Refuse(parser_.error(), RequestTraits::Of(loop_->head()), input);
  }
  return false;
}

bool HttpConnection::IsCrowded() const {
  const HttpOptions& options = loop_->options();
  return answers_.size() >= options.max_pipelined_requests ||
         answers_.waiting_bytes() > options.max_waiting_answer_bytes ||
         connection_->is_sated();
}

bool HttpConnection::BeginRequest(Buffer& input) {
  const RequestHead& head = loop_->head();
  if (head.framing != BodyFraming::kNone) return BeginBody(input);
  Handle({}, {});
  input.Consume(head.bytes);
  answers_.Settle(this);
  return true;
}

bool HttpConnection::BeginBody(Buffer& input) {
  const RequestHead& head = loop_->head();
  const Route* const route = loop_->reader().request().match.route;
  uint64_t max_bytes = loop_->options().limits.max_body_bytes;
  if (route != nullptr) {
    max_bytes = route->options.max_body_bytes.value_or(max_bytes);
  }
  const bool streamed = route == nullptr || route->options.stream_body;
  if (!streamed) {  // it must fit behind its head
    const size_t room = connection_->max_input_bytes();
    max_bytes =
        std::min<uint64_t>(max_bytes, room - std::min(room, head.bytes));
  }
  if (head.content_length > max_bytes) {
    return Refuse(kTooLarge, RequestTraits::Of(head), input);
  }
  if (streamed) return BeginStreamed(max_bytes, input);
  const uint64_t whole = head.bytes + head.content_length;
  if (head.framing == BodyFraming::kLength && input.readable_bytes() >= whole) {
    Handle(input.view().substr(head.bytes, head.content_length), {});
    input.Consume(whole);
    answers_.Settle(this);
    return true;
  }
  return BeginBuffered(max_bytes, input);
}

bool HttpConnection::BeginBuffered(uint64_t max_bytes, Buffer& input) {
  const RequestHead& head = loop_->head();
  body_ = std::make_unique<IncomingBody>(head, max_bytes, loop_->options(),
                                         loop_->event_loop()->now());
  body_->owes_continue =
      head.expects_continue && input.readable_bytes() == head.bytes;
  body_->request.wants_json = PrefersJson(head.Find("Accept").value_or(""));
  return ReadBuffered(input);
}

bool HttpConnection::ReadBuffered(Buffer& input) {
  switch (body_->Collect(input)) {
    case Outcome::kRefused:
      return Refuse(body_->error(), body_->request, input);
    case Outcome::kComplete:
      break;
    default:
      return false;
  }
  // As before, but for where it is.
  const std::unique_ptr<IncomingBody> body = std::move(body_);
  const size_t head_bytes = body->head_bytes();
  CHECK(loop_->reader().Read(parser_, input.view().substr(0, head_bytes)) ==
        RequestParser::Outcome::kComplete);
  Handle(input.view().substr(head_bytes, body->bytes()), body->trailers());
  input.Consume(head_bytes + body->bytes());
  answers_.Settle(this);
  return true;
}

bool HttpConnection::BeginStreamed(uint64_t max_bytes, Buffer& input) {
  const RequestHead& head = loop_->head();
  body_ = std::make_unique<IncomingBody>(head, max_bytes, loop_->options(),
                                         loop_->event_loop()->now());
  Handle({}, {});
  input.Consume(head.bytes);
  answers_.Settle(this);
  return true;
}

Exchange* HttpConnection::Streamed() {
  return body_ != nullptr ? answers_.Find(body_->exchange_id) : nullptr;
}

bool HttpConnection::ReadStreamed(Buffer& input) {
  if (answers_.closing() && Streamed() == nullptr) {  // as in ReadHead()
    input.Clear();
    return false;
  }
  if (BodyWaits()) {
    held_ = true;
    return false;
  }
  Exchange* const exchange = Streamed();  // null: nobody wants it
  const IncomingBody::Piece piece = body_->Next(input.view());
  bool good = true;
  switch (piece.outcome) {
    case Outcome::kRefused:
      return Refuse(body_->error(), body_->request, input);
    case Outcome::kIncomplete:
      input.Consume(piece.consumed);
      return false;
    case Outcome::kData:
      good = exchange == nullptr || Deliver(*exchange, piece.data);
      break;
    case Outcome::kComplete:
      EndBody(exchange);
      break;
  }
  input.Consume(piece.consumed);
  if (!good) answers_.Fail(*exchange);
  answers_.Settle(this);
  return true;
}

bool HttpConnection::Deliver(Exchange& exchange, std::string_view piece) {
  exchange.request_body_bytes += piece.size();
  if (body_ != nullptr) {
    exchange.request.expects_continue = false;
    exchange.must_end = IsTooMuchToDrop(*body_);
  }
  if (exchange.body_reader.on_data == nullptr) return true;
  // Out of the exchange, as it may set another.
  auto on_data = std::move(exchange.body_reader.on_data);
  exchange.body_reader.on_data = nullptr;
  ResponseWriter writer(this, &exchange);
  if (!CallUser([&] { on_data(writer, piece); })) return false;
  if (exchange.body_reader.on_data == nullptr) {
    exchange.body_reader.on_data = std::move(on_data);
  }
  return true;
}

void HttpConnection::EndBody(Exchange* exchange) {
  const std::unique_ptr<IncomingBody> body = std::move(body_);
  if (exchange == nullptr) return;
  exchange->must_end = false;
  EndReader(*exchange, body->trailers());
}

void HttpConnection::EndReader(Exchange& exchange,
                               const HttpTrailers& trailers) {
  BodyReader reader = std::exchange(exchange.body_reader, {});
  ResponseWriter writer(this, &exchange);
  const auto end = [&] {
    if (reader.on_end != nullptr) reader.on_end(writer, trailers);
  };
  if (!CallUser(end)) return answers_.Fail(exchange);
  RequireAnswer(exchange);
}

// What is wrong with it is said in its turn, and nothing is read after it.
bool HttpConnection::Refuse(HttpError error, RequestTraits request,
                            Buffer& input) {
  Exchange* exchange = Streamed();
  if (exchange == nullptr) exchange = &answers_.Push(request, nullptr);
  body_ = nullptr;
  exchange->must_end = true;
  exchange->keep_alive = false;
  if (exchange->stage == Exchange::Stage::kFresh) {
    exchange->fields.Clear();
    answers_.SendError(*exchange, error);
  } else {
    answers_.Fail(*exchange);
  }
  input.Clear();
  return false;
}

// --- Handlers. ---

void HttpConnection::Handle(std::string_view body,
                            const HttpTrailers& trailers) {
  const RequestHead& head = loop_->head();
  const Router::Match match = loop_->reader().request().match;
  Exchange& exchange = answers_.Push(RequestTraits::Of(head), match.route);
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
  exchange.request.wants_json = PrefersJson(head.Find("Accept").value_or(""));
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
  using Form = RequestTarget::Form;
  const Router& router = loop_->router();
  switch (loop_->head().target.form) {
    case Form::kAuthority:
      return answers_.SendError(exchange, kNoTunnels);
    case Form::kAsterisk:
      if (router.all_methods() != 0) {
        exchange.fields.Add("Allow", router.Allow(router.all_methods()));
      }
      return answers_.Send(exchange, HttpStatus::kNoContent, {}, {});
    default:
      break;
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
  answers_.Continue(exchange);
  exchange.must_end = IsTooMuchToDrop(*body_);
}

void HttpConnection::PauseBody(const Exchange& exchange) {
  if (HasBody(exchange)) body_->Pause(loop_->event_loop()->now());
}

void HttpConnection::ResumeBody(const Exchange& exchange) {
  if (HasBody(exchange)) body_->Resume(loop_->event_loop()->now());
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
  Exchange* const exchange = answers_.Find(id);
  if (exchange == nullptr) {
    CallUser([&] { f(nullptr); });
    return;
  }
  ResponseWriter writer(this, exchange);
  if (!CallUser([&] { f(&writer); })) answers_.Fail(*exchange);
  // The body has come, or there is none.
  if (exchange->reads_body() && !HasBody(*exchange)) EndReader(*exchange, {});
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

// --- What follows. ---

void HttpConnection::Settle() {
  answers_.Settle(this);
  if (body_ != nullptr && body_->owes_continue && answers_.empty()) {
    body_->owes_continue = false;
    connection_->Send("HTTP/1.1 100 Continue\r\n\r\n");
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
    connection_->PauseReading();
  } else {
    connection_->ResumeReading();
  }
}

// For who wants it, and does not want more now.
bool HttpConnection::BodyWaits() {
  const Exchange* const exchange = Streamed();
  return exchange != nullptr && (body_->paused() || !exchange->reads_body());
}

HttpConnection::Awaited HttpConnection::WhatIsAwaited() {
  if (paused_ || input_ended_ || answers_.closing()) return Awaited::kNothing;
  const bool others_first = answers_.size() > (Streamed() != nullptr ? 1 : 0);
  if (others_first) return Awaited::kNothing;
  if (body_ != nullptr) return Awaited::kBody;
  return head_begun_ ? Awaited::kHead : Awaited::kRequest;
}

void HttpConnection::UpdateDeadline() {
  const HttpOptions& options = loop_->options();
  const Awaited before = std::exchange(awaited_, WhatIsAwaited());
  switch (awaited_) {
    case Awaited::kNothing:
      return connection_->ExpectNothing();
    case Awaited::kRequest:
      return connection_->ExpectWithin(options.keep_alive_timeout);
    case Awaited::kHead:  // however slowly it comes
      if (before == Awaited::kHead) return;
      return connection_->ExpectWithin(options.header_timeout);
    case Awaited::kBody:
      return connection_->ExpectWithin(body_->deadline(options) -
                                       loop_->event_loop()->now());
  }
}

void HttpConnection::HandleTimeout() {
  // Not for a body that nobody waits for.
  const bool is_body = awaited_ == Awaited::kBody &&
                       (body_->exchange_id == 0 || Streamed() != nullptr);
  if (awaited_ != Awaited::kHead && !is_body) return;
  Buffer nothing;
  Refuse(kTooLate, is_body ? body_->request : RequestTraits(), nothing);
  answers_.Settle(this);
}

// What has come whole is answered, what has not never will.
void HttpConnection::HandleEnd() {
  input_ended_ = true;
  head_begun_ = false;
  Buffer nothing;
  if (Streamed() != nullptr) Refuse(kTooShort, body_->request, nothing);
  body_ = nullptr;
  Settle();
}

void HttpConnection::HandleClose() {
  answers_.Abort();
  body_ = nullptr;
  loop_->Record();
}

}  // namespace rondo
