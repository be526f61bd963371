#include "net/http/answer_queue.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "net/http/chunk_size.h"
#include "net/http/error_body.h"
#include "net/http/http_call.h"
#include "net/http/http_chars.h"
#include "net/http/http_connection.h"
#include "net/http/http_loop.h"
#include "net/http/response_head.h"
#include "net/http/response_writer.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n";

constexpr HttpError kFailed = {HttpStatus::kInternalServerError,
                               "the server could not answer"};

// Up to this a body is copied behind its head, to be sent as one.
constexpr size_t kMaxJoinedBytes = 4 * 1'024;
// A larger one is sent part by part, as there is room.
constexpr size_t kMaxSentAtOnceBytes = 256 * 1'024;
// No part is smaller for the high water mark's sake: it would not be worth a
// system call, or a chunk.
constexpr size_t kMinPartBytes = 64 * 1'024;

constexpr size_t kMaxChunkFramingBytes = ChunkSize::kMaxBytes + kLineEnd.size();

void Complain(const char* what) { LOG(ERROR) << "HTTP: " << what; }

// Whether this may be said now; says so if it may not.
bool MayBe(bool good, const char* what) {
  if (!good) [[unlikely]] {
    Complain(what);
  }
  return good;
}

}  // namespace

// With its loop, in mid-air, if there is still something owed.
AnswerQueue::~AnswerQueue() {
  for (Exchange* e = first_.get(); e != nullptr; e = e->next.get()) {
    if (e->on_gone != nullptr) e->on_gone();
  }
}

Exchange& AnswerQueue::Push(RequestTraits request, const Route* route,
                            const RequestHead* head) {
  std::unique_ptr<Exchange> exchange =
      loop_->Begin(route, head, connection_->peer_address());
  exchange->id = ++last_exchange_id_;
  exchange->request = request;
  exchange->keep_alive = request.keep_alive;
  std::unique_ptr<Exchange>& end = empty() ? first_ : last_->next;
  end = std::move(exchange);
  last_ = end.get();
  ++size_;
  return *last_;
}

Exchange* AnswerQueue::Find(uint64_t id) {
  Exchange* exchange = first_.get();
  while (exchange != nullptr && exchange->id != id) {
    exchange = exchange->next.get();
  }
  const bool waits = exchange != nullptr && exchange->stage != Stage::kAnswered;
  return waits ? exchange : nullptr;
}

// Part by part there is room for any answer.
bool AnswerQueue::IsLarge(size_t bytes) const {
  return bytes > kMaxJoinedBytes &&
         (bytes > kMaxSentAtOnceBytes || bytes > connection_->room_bytes());
}

bool AnswerQueue::HasLast() const {
  const Exchange* exchange = first_.get();
  while (exchange != nullptr && !exchange->is_last()) {
    exchange = exchange->next.get();
  }
  return exchange != nullptr;
}

bool AnswerQueue::Put(Exchange& exchange, std::string_view bytes) {
  if (IsSending(exchange)) return connection_->Send(bytes);
  exchange.waiting.append(bytes);
  waiting_bytes_ += bytes.size();
  return !connection_->closed();
}

void AnswerQueue::PutHead(Exchange& exchange, HttpStatus status,
                          std::string_view content_type,
                          std::optional<uint64_t> length,
                          std::string_view body) {
  using Connection = ResponseHead::Connection;
  // A server that stops says so in the last answer that it owes.
  const bool is_last = last_ == &exchange && !more_came_;
  const bool awaits_body =
      exchange.stage == Stage::kStreaming && exchange.body_wanted;
  const bool must_end = exchange.must_end && !awaits_body;
  if (must_end && exchange.keep_alive) CountDropped(exchange);
  if (must_end || (is_last && connection_->draining())) {
    exchange.keep_alive = false;
  }
  exchange.status = status;
  ResponseHead head = {.status = status,
                       .date = loop_->date(),
                       .content_type = content_type,
                       .field_lines = exchange.fields.lines(),
                       .content_length = length,
                       .chunked = exchange.chunked};
  if (!exchange.keep_alive) {
    head.connection = Connection::kClose;
  } else if (exchange.request.is_http_1_0) {
    head.connection = Connection::kKeepAlive;
  }
  const bool joins = body.size() <= kMaxJoinedBytes;
  Put(exchange, loop_->response_text().Make(head, joins ? body : ""));
  if (!joins) Put(exchange, body);
  exchange.fields.Clear();
}

void AnswerQueue::CountDropped(const Exchange& exchange) {
  if (!exchange.has_much_to_drop()) return;
  loop_->CountMet(HttpLimit::kDroppedBodyBytes);
}

bool AnswerQueue::MayBegin(Exchange& exchange, HttpStatus status,
                           std::string_view content_type) {
  if (!MayBe(exchange.stage == Stage::kFresh, "an answer after the answer")) {
    return false;
  }
  const auto code = static_cast<int>(status);
  if (MayBe(code >= 200 && code <= 999, "an answer's status is none") &&
      MayBe(content_type.data() == kTextType.data() ||  // mostly
                AreAll(HttpChars::kFieldValue, content_type),
            "a content type has a control byte")) {
    return true;
  }
  Fail(exchange);
  return false;
}

void AnswerQueue::Send(Exchange& exchange, HttpStatus status,
                       std::string_view body, std::string_view content_type) {
  if (!MayBegin(exchange, status, content_type)) return;
  if (HasNoBody(status)) {
    PutHead(exchange, status, {}, std::nullopt, {});
  } else if (exchange.request.is_head) {
    PutHead(exchange, status, content_type, body.size(), {});
  } else if (IsLarge(body.size())) {
    return SendInParts(exchange, status, std::string(body), content_type);
  } else {
    PutHead(exchange, status, content_type, body.size(), body);
    exchange.body_bytes = body.size();
  }
  exchange.stage = Stage::kAnswered;
}

void AnswerQueue::Send(Exchange& exchange, HttpResponse response) {
  if (exchange.stage == Stage::kFresh) exchange.fields.Add(response.fields);
  const std::string_view content_type =
      response.content_type.has_value() ? *response.content_type : kTextType;
  const bool large = IsLarge(response.body.size()) &&
                     !exchange.request.is_head && !HasNoBody(response.status);
  if (!large) {
    return Send(exchange, response.status, response.body, content_type);
  }
  if (!MayBegin(exchange, response.status, content_type)) return;
  SendInParts(exchange, response.status, std::move(response.body),
              content_type);
}

void AnswerQueue::SendInParts(Exchange& exchange, HttpStatus status,
                              std::string body, std::string_view content_type) {
  PutHead(exchange, status, content_type, body.size(), {});
  exchange.rest = std::move(body);
  if (!IsSending(exchange)) waiting_bytes_ += exchange.rest.size();
  exchange.stage = Stage::kAnswered;
}

void AnswerQueue::SendError(Exchange& exchange, HttpError error) {
  if (const RequestHead* const head = loop_->HeadOf(exchange)) {
    exchange.request.wants_json = WantsJson(*head);
  }
  Send(exchange, error.status, ErrorBody(error, exchange.request.wants_json),
       exchange.request.wants_json ? kJsonType : kTextType);
}

void AnswerQueue::Begin(Exchange& exchange, HttpStatus status,
                        std::string_view content_type,
                        std::optional<uint64_t> length) {
  if (!MayBegin(exchange, status, content_type)) return;
  exchange.bodiless = exchange.request.is_head || HasNoBody(status);
  if (exchange.bodiless) {  // whatever else is said, that was all
    const bool says_length = !HasNoBody(status);
    PutHead(exchange, status, says_length ? content_type : std::string_view(),
            says_length ? length : std::nullopt, {});
    exchange.stage = Stage::kAnswered;
    return;
  }
  exchange.stage = Stage::kStreaming;
  exchange.promised_bytes = length;
  exchange.chunked = !length.has_value() && !exchange.request.is_http_1_0;
  if (!length.has_value() && !exchange.chunked) exchange.keep_alive = false;
  PutHead(exchange, status, content_type, length, {});
}

size_t AnswerQueue::Count(Exchange& exchange, size_t bytes) {
  const uint64_t left =
      exchange.promised_bytes.value_or(UINT64_MAX) - exchange.body_bytes;
  if (!MayBe(bytes <= left, "more than the length that was announced")) {
    bytes = left;
  }
  exchange.body_bytes += bytes;
  return bytes;
}

bool AnswerQueue::Write(Exchange& exchange, std::string_view piece) {
  if (exchange.bodiless) return false;
  if (!MayBe(exchange.stage == Stage::kStreaming, "Write() before Begin()")) {
    return false;
  }
  piece = piece.substr(0, Count(exchange, piece.size()));
  if (piece.empty()) return !connection_->end_requested();
  if (!exchange.chunked) return Put(exchange, piece);
  Put(exchange, ChunkSize(piece.size()).view);
  Put(exchange, piece);
  return Put(exchange, kLineEnd);
}

bool AnswerQueue::WriteFile(Exchange& exchange,
                            std::shared_ptr<const UniqueFd> file,
                            uint64_t offset, size_t bytes) {
  CHECK(in_on_room_) << "WriteFile() from elsewhere than OnRoom()'s callback";
  if (exchange.bodiless) return false;
  if (!MayBe(exchange.stage == Stage::kStreaming,
             "WriteFile() before Begin()")) {
    return false;
  }
  bytes = Count(exchange, bytes);
  if (bytes == 0) return !connection_->end_requested();
  if (!exchange.chunked) {
    return connection_->SendFile(std::move(file), offset, bytes);
  }
  connection_->Send(ChunkSize(bytes).view);
  connection_->SendFile(std::move(file), offset, bytes);
  return connection_->Send(kLineEnd);
}

void AnswerQueue::End(Exchange& exchange) {
  if (exchange.bodiless) return;
  if (!MayBe(exchange.stage == Stage::kStreaming, "End() before Begin()")) {
    return;
  }
  if (exchange.promised_bytes.value_or(exchange.body_bytes) !=
      exchange.body_bytes) {
    LOG(ERROR) << "HTTP: End() after " << exchange.body_bytes << " bytes of "
               << *exchange.promised_bytes << " that were announced";
    return Fail(exchange);
  }
  if (exchange.chunked) {
    Put(exchange, kLastChunk);
    Put(exchange, exchange.fields.lines());
    Put(exchange, kLineEnd);
  }
  exchange.stage = Stage::kAnswered;
}

bool AnswerQueue::IsSated(const Exchange& exchange) const {
  return IsSending(exchange) ? connection_->is_sated()
                             : !exchange.waiting.empty();
}

size_t AnswerQueue::RoomBytes(const Exchange& exchange) const {
  if (IsSated(exchange)) return 0;
  const size_t max_bytes = connection_->max_output_bytes();
  const size_t room_bytes =
      std::min(std::max(connection_->room_bytes(), kMinPartBytes),
               max_bytes - std::min(max_bytes, connection_->output_bytes()));
  const size_t framing_bytes = exchange.chunked ? kMaxChunkFramingBytes : 0;
  return room_bytes - std::min(room_bytes, framing_bytes);
}

void AnswerQueue::Continue(Exchange& exchange) {
  if (!std::exchange(exchange.request.expects_continue, false)) return;
  if (exchange.stage == Stage::kFresh) Put(exchange, kContinue);
}

void AnswerQueue::Fail(Exchange& exchange) {
  if (exchange.stage == Stage::kFresh) {
    exchange.fields.Clear();
    return SendError(exchange, kFailed);
  }
  if (exchange.stage == Stage::kStreaming) exchange.broken = true;
  exchange.stage = Stage::kAnswered;
  exchange.keep_alive = false;
}

void AnswerQueue::Settle(HttpConnection* owner) {
  while (!empty() && !connection_->closed()) {
    Exchange& first = *first_;
    if (!SendKept(first)) return;  // HandleRoom() goes on
    if (first.stage != Stage::kAnswered && first.on_room != nullptr &&
        !connection_->is_sated()) {
      CallOnRoom(owner, first);
    }
    if (first.stage != Stage::kAnswered || first.keeps_output()) return;
    if (first.is_last()) return Close(first, *owner);
    Pop();
  }
}

bool AnswerQueue::SendKept(Exchange& first) {
  if (!first.keeps_output()) return true;
  if (connection_->is_sated()) return false;
  if (!first.waiting.empty()) {
    const size_t bytes = first.waiting_bytes();
    if (!connection_->Send(std::move(first.waiting))) return false;
    first.waiting.clear();
    waiting_bytes_ -= bytes;
  }
  while (first.rest_sent < first.rest.size()) {
    const std::string_view part =
        std::string_view(first.rest)
            .substr(first.rest_sent,
                    std::min(kMaxSentAtOnceBytes, RoomBytes(first)));
    if (part.empty() || !connection_->Send(part)) return false;
    first.rest_sent += part.size();
    first.body_bytes += part.size();
  }
  return true;
}

void AnswerQueue::Close(const Exchange& last, const HttpConnection& owner) {
  // What is still to come of the request must not take the answer along.
  if (last.must_end || owner.HasBody(last)) connection_->LingerOnClose();
  if (last.keep_alive) CountDropped(last);
  if (last.is_cut_off()) {
    connection_->Reset();
  } else {
    connection_->Close();
  }
  Abort();
}

void AnswerQueue::CallOnRoom(HttpConnection* owner, Exchange& exchange) {
  // Out of the exchange, as it may set another.
  Exchange::RoomCallback on_room = std::move(exchange.on_room);
  exchange.on_room = nullptr;
  ResponseWriter writer(owner, &exchange);
  in_on_room_ = true;
  const bool good = CallUser([&] { on_room(writer); });
  in_on_room_ = false;
  if (!good) return Fail(exchange);
  if (exchange.on_room == nullptr) exchange.on_room = std::move(on_room);
}

void AnswerQueue::Pop() {
  std::unique_ptr<Exchange> exchange = std::move(first_);
  if (!exchange->waiting.empty()) {  // nothing of it has been sent
    waiting_bytes_ -= exchange->waiting_bytes();
    exchange->body_bytes = 0;
  }
  first_ = std::move(exchange->next);
  if (--size_ == 0) last_ = nullptr;
  if (exchange->body_reader.on_abort != nullptr) {
    CallUser([&] { exchange->body_reader.on_abort(); });
  }
  if (exchange->on_gone != nullptr) exchange->on_gone();
  loop_->End(std::move(exchange));
}

void AnswerQueue::Abort() {
  closed_ = true;
  while (!empty()) Pop();
}

}  // namespace rondo
