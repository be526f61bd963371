#include "net/http/http_loop.h"

#include "absl/time/clock.h"
#include "net/http/http_status.h"

namespace rondo {
namespace {

// Of who left before there was an answer; nginx has made it the custom.
constexpr HttpStatus kClientClosedRequest{499};

}  // namespace

HttpLoop::HttpLoop(EventLoop* loop, std::shared_ptr<const HttpService> service)
    : loop_(loop),
      service_(std::move(service)),
      metrics_(service_->metrics().AddShard()),
      reader_(&service_->router(), &service_->options().limits) {
  const HttpOptions& options = service_->options();
  if (options.access_log == nullptr) return;
  log_.emplace(options.access_log_format, options.access_log.get());
}

RouteMetrics& HttpLoop::MetricsOf(const Route* route) {
  return route != nullptr ? metrics_.route(route->index) : metrics_.unrouted();
}

std::unique_ptr<Exchange> HttpLoop::Begin(const Route* route,
                                          const RequestHead* head,
                                          const InetAddress& peer) {
  std::unique_ptr<Exchange> exchange = std::move(spare_);
  if (exchange != nullptr) {
    spare_ = std::move(exchange->next);
    --spare_count_;
  } else {
    exchange = std::make_unique<Exchange>();
  }
  exchange->route = route;
  exchange->begun = loop_->now();
  if (logs()) exchange->logged.Set(head, peer);
  MetricsOf(route).Begin();
  return exchange;
}

void HttpLoop::End(std::unique_ptr<Exchange> exchange) {
  if (logs()) Log(*exchange);
  Count(*exchange);
  Recycle(std::move(exchange));
}

void HttpLoop::Count(const Exchange& exchange) {
  if (!exchange.is_whole()) {
    return MetricsOf(exchange.route)
        .Abort(exchange.request_body_bytes, exchange.body_bytes);
  }
  Ended& ended = EndedLike(exchange);
  ++ended.count;
  ended.request_body_bytes += exchange.request_body_bytes;
  ended.response_body_bytes += exchange.body_bytes;
}

HttpLoop::Ended& HttpLoop::EndedLike(const Exchange& exchange) {
  for (size_t i = 0; i < ended_count_; ++i) {
    if (ended_[i].IsLike(exchange)) return ended_[i];
  }
  if (ended_count_ == kMaxEnded) RecordEnded();
  Ended& ended = ended_[ended_count_++];
  ended = {.route = exchange.route,
           .status = exchange.status,
           .begun = exchange.begun};
  return ended;
}

void HttpLoop::RecordEnded() {
  const int64_t now_ns = loop_->ReadClock().nanoseconds();
  for (size_t i = 0; i < ended_count_; ++i) {
    const Ended& ended = ended_[i];
    MetricsOf(ended.route)
        .Finish(ended.status, ended.request_body_bytes,
                ended.response_body_bytes, now_ns - ended.begun.nanoseconds(),
                ended.count);
  }
  ended_count_ = 0;
}

void HttpLoop::Log(const Exchange& exchange) {
  const absl::Duration latency = loop_->ReadClock() - exchange.begun;
  const bool begun = exchange.stage != Exchange::Stage::kFresh;
  AccessRecord record = {
      .time = absl::Now() - latency,
      .status = begun ? exchange.status : kClientClosedRequest,
      .body_bytes = exchange.body_bytes,
      .aborted = !exchange.is_whole(),
      .latency = latency};
  exchange.logged.CopyTo(record);
  log_->Log(record);
}

void HttpLoop::Recycle(std::unique_ptr<Exchange> exchange) {
  if (spare_count_ == kMaxSpareExchanges ||
      exchange->memory_bytes() > kMaxSpareBytes) {
    return;
  }
  exchange->Clear();
  exchange->next = std::move(spare_);
  spare_ = std::move(exchange);
  ++spare_count_;
}

HttpLoop& HttpLoops::Of(const std::shared_ptr<const HttpService>& service) {
  for (auto& [key, loop] : all_) {
    if (key == service.get()) return *loop;
  }
  all_.emplace_back(service.get(), std::make_unique<HttpLoop>(loop_, service));
  return *all_.back().second;
}

// One of its handlers may be what has stopped it, and goes on.
void HttpLoops::Drop(const HttpService* service) {
  for (auto& [key, loop] : all_) {
    if (key != service) continue;
    loop->DropContext();
    loop_->DeferDelete(std::move(loop));
  }
  std::erase_if(all_,
                [](const auto& entry) { return entry.second == nullptr; });
}

void HttpLoops::OnLoopEnd() {
  for (auto& [key, loop] : all_) loop->DropContext();
}

}  // namespace rondo
