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

constexpr HttpError kTooShort = {HttpStatus::kBadRequest,
                                 "the body ends too early"};

}  // namespace

HttpConnection::HttpConnection(TcpConnection* connection, HttpLoop* loop)
    : connection_(connection), loop_(loop), answers_(connection, loop) {}

HttpConnection::~HttpConnection() = default;

// --- Requests. ---

void HttpConnection::HandleInput(Buffer& input) {
  if (input_ended_ && body_ == nullptr) return input.Clear();
  const Calling calling(this);
  do {
    held_ = false;
    while (!input.empty() && ReadNext(input)) {
    }
    // An empty line before a request is none.
    head_begun_ = body_ == nullptr && !input.empty() && input.view() != "\r\n";
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
      return RefuseHead(parser_.error(), nullptr, input);
  }
  return false;
}

bool HttpConnection::IsCrowded() const {
  const HttpOptions& options = loop_->options();
  return answers_.size() >= options.max_pipelined_requests ||
         answers_.waiting_bytes() > options.max_waiting_answer_bytes ||
         connection_->is_sated();
}

void HttpConnection::CountCrowd() {
  const HttpOptions& options = loop_->options();
  if (crowded_ && answers_.size() >= options.max_pipelined_requests) {
    loop_->CountMet(HttpLimit::kPipelinedRequests);
  } else if (answers_.waiting_bytes() > options.max_waiting_answer_bytes) {
    loop_->CountMet(HttpLimit::kWaitingAnswerBytes);
  }
}

bool HttpConnection::BeginRequest(Buffer& input) {
  const RequestHead& head = loop_->head();
  awaited_ = Awaited::kNothing;  // of the next another time begins
  if (head.framing != BodyFraming::kNone) return BeginBody(input);
  answers_.SetMoreCame(input.readable_bytes() > head.bytes);
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
    return RefuseHead(IncomingBody::kTooLarge, route, input);
  }
  if (streamed) return BeginStreamed(max_bytes, input);
  const uint64_t whole = head.bytes + head.content_length;
  if (head.framing == BodyFraming::kLength && input.readable_bytes() >= whole) {
    answers_.SetMoreCame(input.readable_bytes() > whole);
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
  body_->request.wants_json = WantsJson(head);
  body_->route = loop_->reader().request().match.route;
  if (loop_->logs()) body_->logged.Set(&head, connection_->peer_address());
  return ReadBuffered(input);
}

bool HttpConnection::ReadBuffered(Buffer& input) {
  switch (body_->Collect(input)) {
    case Outcome::kRefused:
      return RefuseBody(body_->error(), input);
    case Outcome::kComplete:
      break;
    default:
      return false;
  }
  // As before, but for where it is.
  const std::unique_ptr<IncomingBody> body = std::move(body_);
  const size_t head_bytes = body->head_bytes();
  loop_->reader().Reread(input.view().substr(0, head_bytes));
  answers_.SetMoreCame(input.readable_bytes() > head_bytes + body->bytes());
  Handle(input.view().substr(head_bytes, body->bytes()), body->trailers());
  input.Consume(head_bytes + body->bytes());
  answers_.Settle(this);
  return true;
}

bool HttpConnection::BeginStreamed(uint64_t max_bytes, Buffer& input) {
  const RequestHead& head = loop_->head();
  body_ = std::make_unique<IncomingBody>(head, max_bytes, loop_->options(),
                                         loop_->event_loop()->now());
  answers_.SetMoreCame(false);
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
      return RefuseBody(body_->error(), input);
    case Outcome::kIncomplete:
      input.Consume(piece.consumed);
      return false;
    case Outcome::kData:
      good = exchange == nullptr || Deliver(*exchange, piece.data);
      break;
    case Outcome::kComplete:
      answers_.SetMoreCame(input.readable_bytes() > piece.consumed);
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
  exchange->must_end = exchange->body_wanted = false;
  EndReader(*exchange, body->trailers());
}

// Where no more input may come that would bring the end to light.
void HttpConnection::EndWholeBody() {
  const bool streamed = body_ != nullptr && body_->exchange_id != 0;
  if (!streamed || !body_->is_whole() || BodyWaits()) return;
  EndBody(Streamed());
  answers_.Settle(this);
}

// Once its reader has taken all that came: the end of the input stands behind
// that, and may be told while the reader does not want it.
void HttpConnection::RefuseCutBody() {
  if (!input_ended_ || Streamed() == nullptr || BodyWaits()) return;
  Buffer nothing;
  RefuseBody(kTooShort, nothing);
  answers_.Settle(this);
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

// What is wrong is said in its turn, and nothing is read after it.
bool HttpConnection::RefuseHead(HttpError error, const Route* route,
                                Buffer& input) {
  const RequestHead& head = loop_->head();
  RequestTraits request = RequestTraits::Of(head);
  request.wants_json = WantsJson(head);
  Refuse(answers_.Push(request, route, &head), error);
  input.Clear();
  return false;
}

bool HttpConnection::RefuseBody(HttpError error, Buffer& input) {
  Exchange* exchange = Streamed();
  if (exchange == nullptr) {
    exchange = &answers_.Push(body_->request, body_->route, nullptr);
    exchange->logged = std::move(body_->logged);
  }
  body_ = nullptr;
  Refuse(*exchange, error);
  input.Clear();
  return false;
}

void HttpConnection::Refuse(Exchange& exchange, HttpError error) {
  if (error.limit.has_value()) loop_->CountMet(*error.limit);
  exchange.refused = true;
  exchange.must_end = true;
  exchange.keep_alive = false;
  if (exchange.stage == Exchange::Stage::kFresh) {
    exchange.fields.Clear();
    answers_.SendError(exchange, error);
  } else {
    answers_.Fail(exchange);
  }
}

}  // namespace rondo
