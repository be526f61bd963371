#ifndef RONDO_NET_HTTP_DEFERRED_RESPONSE_H_
#define RONDO_NET_HTTP_DEFERRED_RESPONSE_H_

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "net/http/http_response.h"
#include "net/tcp/connection_handle.h"

namespace rondo {

class ResponseWriter;

// An answer that somebody owes. If the last copy goes and none has answered,
// the answer is 500: nobody waits for ever.
//
// Threading: all methods are Thread-safe.
// Ownership and lifetime: a copyable value that owns neither the connection nor
// the server, and may outlive both.
// Example:
//   pool->Submit([later = writer.Defer()] { later.Send(Compute()); });
class DeferredResponse {
 public:
  // Answers, if nobody has; false if nobody waits any more.
  bool Send(HttpResponse response) const;

  // Runs `f` on the connection's loop, to answer piece by piece; with null if
  // the answer has been given or the connection has closed. False if the loop
  // is gone: then `f` is destroyed.
  bool Run(absl::AnyInvocable<void(ResponseWriter*)> f) const;

 private:
  friend class HttpConnection;
  struct Debt;

  DeferredResponse(ConnectionHandle connection, uint64_t exchange_id);

  std::shared_ptr<Debt> debt_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_DEFERRED_RESPONSE_H_
