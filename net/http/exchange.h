#ifndef RONDO_NET_HTTP_EXCHANGE_H_
#define RONDO_NET_HTTP_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"
#include "net/http/body_reader.h"
#include "net/http/http_status.h"
#include "net/http/logged_request.h"
#include "net/http/request_head.h"
#include "net/http/response_fields.h"
#include "net/http/route.h"

namespace rondo {

// What a client is told that waits for it before it sends a body.
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// What of a request decides how it is answered.
struct RequestTraits {
  static RequestTraits Of(const RequestHead& head) {
    return {.is_head = head.method == "HEAD",
            .is_http_1_0 = head.minor_version == 0,
            .keep_alive = head.keep_alive,
            .expects_continue = head.expects_continue};
  }

  bool is_head = false;      // the answer has no body
  bool is_http_1_0 = false;  // nor chunks
  bool keep_alive = true;
  bool expects_continue = false;  // and has not been told to
  bool wants_json = false;        // of an error: see PrefersJson()
};

// What of an Exchange is plain data.
struct ExchangeState {
  enum class Stage : uint8_t { kFresh, kStreaming, kAnswered };

  uint64_t id = 0;  // among the connection's
  const Route* route = nullptr;
  MonotonicTime begun;
  RequestTraits request;
  Stage stage = Stage::kFresh;
  // A body is still to come, and so much that whoever answers before it has
  // come ends the connection.
  bool must_end = false;
  bool body_wanted = false;  // and so it is going to come
  bool refused = false;
  bool keep_alive = true;  // afterwards
  bool deferred = false;
  bool chunked = false;
  bool broken = false;    // begun, and cannot be ended
  bool bodiless = false;  // whatever is written
  HttpStatus status = HttpStatus::kOk;
  uint64_t request_body_bytes = 0;                        // until now
  uint64_t body_bytes = 0;                                // until now
  size_t rest_sent = 0;                                   // of `rest`
  std::optional<uint64_t> promised_bytes = std::nullopt;  // of a stream
};

// A request of a connection that is being answered.
//
//   fresh ──► streaming ──► answered        what of the answer has been given
//
// Threading: the loop's thread only. Ownership: the AnswerQueue's.
struct Exchange : ExchangeState {
  using RoomCallback = absl::AnyInvocable<void(ResponseWriter&)>;

  // As new, but for the memory of what it had. Few have had callbacks.
  void Clear() {
    static_cast<ExchangeState&>(*this) = {};
    fields.Clear();
    waiting.clear();
    rest.clear();
    if (has_reader()) body_reader = {};
    if (on_room != nullptr) on_room = nullptr;
    if (on_gone != nullptr) on_gone = nullptr;
  }

  // If the connection ends now, that looks like the end of its body.
  bool is_cut_off() const {
    const bool unended = broken || stage == Stage::kStreaming;
    return unended && !chunked && !promised_bytes.has_value();
  }

  // Too much of the body is to come for it to be dropped.
  bool has_much_to_drop() const {
    return must_end && !refused && !request.expects_continue;
  }

  // The connection ends with this answer.
  bool is_last() const {
    return !keep_alive || (must_end && stage == Stage::kAnswered);
  }

  // All of the answer has been given, and sent.
  bool is_whole() const {
    return stage == Stage::kAnswered && !broken && !keeps_output();
  }
  // Some of what has been given is still here.
  bool keeps_output() const {
    return !waiting.empty() || rest_sent < rest.size();
  }
  // For its turn: a rest that has been begun is no more than its own.
  size_t waiting_bytes() const {
    return waiting.size() + (waiting.empty() ? 0 : rest.size());
  }

  bool reads_body() const {
    return body_reader.on_data != nullptr || body_reader.on_end != nullptr;
  }
  // That it keeps when it is used again.
  size_t memory_bytes() const {
    return waiting.capacity() + rest.capacity() + fields.memory_bytes() +
           logged.memory_bytes();
  }
  bool has_reader() const {
    return reads_body() || body_reader.on_abort != nullptr;
  }

  std::unique_ptr<Exchange> next;  // of the queue
  ResponseFields fields;           // for its head, then for its trailer
  std::string waiting;             // for the answers before it
  std::string rest;                // of the body, behind that, sent in parts
  LoggedRequest logged;            // if there is a log
  BodyReader body_reader;
  RoomCallback on_room;
  // It leaves the queue: answered, or never to be. For a HeldExchange.
  absl::AnyInvocable<void()> on_gone;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_EXCHANGE_H_
