#ifndef RONDO_NET_HTTP_HTTP_LOOP_H_
#define RONDO_NET_HTTP_HTTP_LOOP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "net/http/access_log.h"
#include "net/http/date_cache.h"
#include "net/http/exchange.h"
#include "net/http/http_metrics.h"
#include "net/http/http_service.h"
#include "net/http/request_head.h"
#include "net/http/request_reader.h"
#include "net/http/response_text.h"
#include "net/http/route.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/loop_local.h"
#include "net/tcp/context_slot.h"
#include "net/tcp/inet_address.h"

namespace rondo {

// What a server's connections on one loop use one after the other, so that an
// idle one has none of it.
//
// Threading: the loop's thread only. Ownership: HttpLoops'.
class HttpLoop {
 public:
  HttpLoop(EventLoop* loop, std::shared_ptr<const HttpService> service);

  EventLoop* event_loop() const { return loop_; }
  const Router& router() const { return service_->router(); }
  const HttpOptions& options() const { return service_->options(); }

  // Of the request that is being read.
  RequestReader& reader() { return reader_; }
  const RequestHead& head() const { return reader_.request().head; }

  // Between them head() is that of `exchange`.
  void BeginHandling(const Exchange* exchange) { handled_ = exchange; }
  void EndHandling() { handled_ = nullptr; }
  const RequestHead* HeadOf(const Exchange& exchange) const {
    return handled_ == &exchange ? &head() : nullptr;
  }

  ResponseText& response_text() { return response_text_; }
  // What Date says now.
  std::string_view date() { return date_.Get(loop_->now()); }
  absl::Time date_time() { return date_.Time(loop_->now()); }

  // What another layer keeps for this server and loop, until it has stopped.
  ContextSlot& context() { return context_; }
  void DropContext() { const ContextSlot gone = std::move(context_); }

  bool logs() const { return log_.has_value(); }
  void CountMet(HttpLimit limit) { metrics_.Meet(limit); }

  // An exchange for a request, of which `head` is null if it is not at hand;
  // made of those that have ended.
  std::unique_ptr<Exchange> Begin(const Route* route, const RequestHead* head,
                                  const InetAddress& peer);
  // It has ended: is logged, and counted.
  void End(std::unique_ptr<Exchange> exchange);
  // Counts those that have ended since the last call, by one reading of the
  // clock.
  void Record() {
    if (ended_count_ > 0) RecordEnded();
  }

 private:
  // Requests that have come together, and have ended alike.
  struct Ended {
    bool IsLike(const Exchange& e) const {
      return e.route == route && e.status == status && e.begun == begun;
    }

    const Route* route = nullptr;
    HttpStatus status = HttpStatus::kOk;
    MonotonicTime begun;
    uint64_t count = 0;
    uint64_t request_body_bytes = 0;
    uint64_t response_body_bytes = 0;
  };

  // So many kinds of them are kept apart.
  static constexpr size_t kMaxEnded = 4;
  // What goes back to the heap: more exchanges, or one that holds more.
  static constexpr size_t kMaxSpareExchanges = 64;
  static constexpr size_t kMaxSpareBytes = 4 * 1'024;

  void RecordEnded();
  RouteMetrics& MetricsOf(const Route* route);
  void Count(const Exchange& exchange);
  Ended& EndedLike(const Exchange& exchange);
  void Log(const Exchange& exchange);
  void Recycle(std::unique_ptr<Exchange> exchange);

  EventLoop* const loop_;
  const std::shared_ptr<const HttpService> service_;
  HttpMetrics::Shard& metrics_;
  std::optional<AccessLog> log_;
  RequestReader reader_;
  const Exchange* handled_ = nullptr;
  ResponseText response_text_;
  DateCache date_;
  std::array<Ended, kMaxEnded> ended_;
  size_t ended_count_ = 0;
  std::unique_ptr<Exchange> spare_;  // a list, by Exchange::next
  size_t spare_count_ = 0;
  ContextSlot context_;
};

// Each loop's HttpLoop of each server.
//
// Threading: the loop's thread only.
class HttpLoops : public LoopLocal {
 public:
  explicit HttpLoops(EventLoop* loop) : loop_(loop) {}

  HttpLoop& Of(const std::shared_ptr<const HttpService>& service);
  // The server has stopped.
  void Drop(const HttpService* service);
  void OnLoopEnd() override;

 private:
  EventLoop* const loop_;
  std::vector<std::pair<const HttpService*, std::unique_ptr<HttpLoop>>> all_;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_HTTP_LOOP_H_
