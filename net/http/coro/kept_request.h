#ifndef RONDO_NET_HTTP_CORO_KEPT_REQUEST_H_
#define RONDO_NET_HTTP_CORO_KEPT_REQUEST_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/body_reader.h"
#include "net/http/http_request.h"
#include "net/http/path_parameters.h"
#include "net/http/request_head.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// A request that outlives its handler: one copy of its bytes, and the views
// into them.
//
// Threading: the loop's thread only.
class KeptRequest {
 public:
  KeptRequest() = default;
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  // Instead of the one before, of which the memory is used again.
  void Keep(const HttpRequest& request);

  const RequestHead& head() const { return head_; }
  const PathParameters& parameters() const { return parameters_; }
  const InetAddress& peer_address() const { return peer_; }
  std::string_view body() const { return body_; }
  // Also those that come at the end of a streamed body.
  HttpTrailers& trailers() { return trailers_; }

  size_t capacity_bytes() const { return bytes_.capacity(); }

 private:
  std::string bytes_;
  RequestHead head_;
  PathParameters parameters_;
  InetAddress peer_;
  std::string_view body_;
  HttpTrailers trailers_;
};

// A loop's kept requests that wait to be used again.
//
// Threading: the loop's thread only. Ownership: the loop's.
class KeptRequests final : public LoopLocal {
 public:
  // Gives it back.
  struct Return {
    EventLoop* loop;
    void operator()(KeptRequest* request) const;
  };
  using Pointer = std::unique_ptr<KeptRequest, Return>;

  explicit KeptRequests(EventLoop* loop) : loop_(loop) {}

  Pointer Keep(const HttpRequest& request);

 private:
  // What goes back to the heap: more of them, or one that holds more.
  static constexpr size_t kMaxSpare = 64;
  static constexpr size_t kMaxSpareBytes = 4 * 1'024;

  EventLoop* const loop_;
  std::vector<std::unique_ptr<KeptRequest>> spare_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CORO_KEPT_REQUEST_H_
