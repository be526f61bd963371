#ifndef RONDO_NET_HTTP_ANSWER_QUEUE_H_
#define RONDO_NET_HTTP_ANSWER_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/http/exchange.h"
#include "net/http/http_error.h"
#include "net/http/http_response.h"

namespace rondo {

class HttpConnection;
class HttpLoop;
class TcpConnection;

// What a connection answers, in the order of its requests: the first of its
// exchanges sends, what is said by the others waits in them.
//
//   answered   streaming   fresh   answered
//      │           ▲ its turn, once the one before it has gone
//      └► gone
//
// Threading: the loop's thread only. Ownership: the HttpConnection's.
class AnswerQueue {
 public:
  AnswerQueue(TcpConnection* connection, HttpLoop* loop)
      : connection_(connection), loop_(loop) {}
  ~AnswerQueue();

  size_t size() const { return size_; }
  // Of answers that wait for others, and of what is kept.
  size_t waiting_bytes() const { return waiting_bytes_; }
  // What somebody keeps of requests until they are answered.
  void AddKept(size_t bytes) { waiting_bytes_ += bytes; }
  void RemoveKept(size_t bytes) { waiting_bytes_ -= bytes; }
  bool empty() const { return size_ == 0; }
  // There is nothing to be answered after what is here.
  bool closing() const { return closed_ || (!empty() && HasLast()); }

  // Whether more than the last of these has been asked already.
  void SetMoreCame(bool more) { more_came_ = more; }

  // `head` is null if it is not at hand.
  Exchange& Push(RequestTraits request, const Route* route,
                 const RequestHead* head);
  bool IsFirst(const Exchange& exchange) const {
    return first_.get() == &exchange;
  }
  // Null if it has been answered.
  Exchange* Find(uint64_t id);

  // What ResponseWriter says.
  void Send(Exchange& exchange, HttpStatus status, std::string_view body,
            std::string_view content_type);
  void Send(Exchange& exchange, HttpResponse response);
  void SendError(Exchange& exchange, HttpError error);
  void Begin(Exchange& exchange, HttpStatus status,
             std::string_view content_type, std::optional<uint64_t> length);
  bool Write(Exchange& exchange, std::string_view piece);
  bool WriteFile(Exchange& exchange, std::shared_ptr<const UniqueFd> file,
                 uint64_t offset, size_t bytes);
  void End(Exchange& exchange);
  bool IsSated(const Exchange& exchange) const;
  size_t RoomBytes(const Exchange& exchange) const;

  // 100 Continue, once.
  void Continue(Exchange& exchange);

  // Whoever should have answered cannot: 500, or an end that shows.
  void Fail(Exchange& exchange);

  // Sends what has its turn, and ends what has been answered. Writers are
  // `owner`'s.
  void Settle(HttpConnection* owner);

  // If the connection ends now, that looks like the end of an answer.
  bool is_cut_off() const { return !empty() && first_->is_cut_off(); }
  // The connection has closed.
  void Abort();

 private:
  using Stage = Exchange::Stage;

  // Whether one of them is the connection's last.
  bool HasLast() const;
  // What is said of it now is sent now.
  bool IsSending(const Exchange& exchange) const {
    return IsFirst(exchange) && exchange.waiting.empty();
  }
  bool Put(Exchange& exchange, std::string_view bytes);
  // Puts the head, with `body` behind it.
  void PutHead(Exchange& exchange, HttpStatus status,
               std::string_view content_type, std::optional<uint64_t> length,
               std::string_view body);
  // The connection ends for what is still to come.
  void CountDropped(const Exchange& exchange);
  // False, and the answer is 500, if a head cannot say this.
  bool MayBegin(Exchange& exchange, HttpStatus status,
                std::string_view content_type);
  // Whether a body is sent part by part.
  bool IsLarge(size_t bytes) const;
  void SendInParts(Exchange& exchange, HttpStatus status, std::string body,
                   std::string_view content_type);
  // Sends what waited for its turn; false if some of it must still wait.
  bool SendKept(Exchange& first);
  // How much of a piece may be sent.
  size_t Count(Exchange& exchange, size_t bytes);
  void CallOnRoom(HttpConnection* owner, Exchange& exchange);
  void Close(const Exchange& last, const HttpConnection& owner);
  void Pop();

  TcpConnection* const connection_;
  HttpLoop* const loop_;
  std::unique_ptr<Exchange> first_;
  Exchange* last_ = nullptr;  // null: empty
  uint32_t size_ = 0;
  size_t waiting_bytes_ = 0;
  uint64_t last_exchange_id_ = 0;
  bool more_came_ = false;
  bool closed_ = false;
  bool in_on_room_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_ANSWER_QUEUE_H_
