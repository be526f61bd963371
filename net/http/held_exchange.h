#ifndef RONDO_NET_HTTP_HELD_EXCHANGE_H_
#define RONDO_NET_HTTP_HELD_EXCHANGE_H_

#include <cstddef>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"

namespace rondo {

class HttpConnection;
class HttpLoop;
class ResponseWriter;
struct Exchange;

// A request that is answered later, by who stays on its loop: what a
// DeferredResponse is for all threads, without a handle or memory of its own.
//
// Threading: the loop's thread only.
// Ownership and lifetime: whoever answers owns it. If that goes without an
// answer, the answer is 500, or an end that shows.
class HeldExchange {
 public:
  // Calls `on_gone` once, unless this is destroyed before: the answer has left,
  // or the connection has closed. Requires: called by the request's handler.
  HeldExchange(ResponseWriter& writer, absl::AnyInvocable<void()> on_gone);
  HeldExchange(const HeldExchange&) = delete;
  HeldExchange& operator=(const HeldExchange&) = delete;
  ~HeldExchange() { Fail(); }

  // What the server's connections on this loop share.
  static HttpLoop& LoopOf(const ResponseWriter& writer);

  // Whether there is still somebody to be answered.
  bool waits() const;
  // It has gone because the server or its loop has ended.
  bool server_ends() const;
  // A body is being streamed.
  bool has_body() const;

  // Whoever answers keeps so many bytes of the request until it has gone, or
  // this: they count as what waits for an answer, behind too much of which no
  // other request of the connection is begun. Requires: as the constructor.
  void Keep(size_t bytes);

  // Calls `f` with a writer, and sends what follows from that. It may close the
  // connection. Requires: waits().
  void Run(absl::FunctionRef<void(ResponseWriter&)> f);

  // There will be no answer, or not the rest. Nothing if it does not wait.
  void Fail();
  // The same for who should have answered; logged.
  void GiveUp();

 private:
  // It has gone, or this goes.
  Exchange& Leave();

  HttpConnection* const connection_;
  Exchange* exchange_;  // null when it has gone
  size_t kept_bytes_ = 0;
  absl::AnyInvocable<void()> on_gone_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HELD_EXCHANGE_H_
