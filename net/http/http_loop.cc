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
      metrics_(service_->metrics().AddShard()) {
  const HttpOptions& options = service_->options();
  if (options.access_log == nullptr) return;
  log_.emplace(options.access_log_format, options.access_log.get());
}

RouteMetrics& HttpLoop::MetricsOf(const Exchange& exchange) {
  return exchange.route != nullptr ? metrics_.route(exchange.route->index)
                                   : metrics_.unrouted();
}

std::unique_ptr<Exchange> HttpLoop::Begin(const Route* route) {
  std::unique_ptr<Exchange> exchange;
  if (spare_.empty()) {
    exchange = std::make_unique<Exchange>();
  } else {
    exchange = std::move(spare_.back());
    spare_.pop_back();
  }
  exchange->route = route;
  exchange->begun = loop_->now();
  if (log_.has_value()) exchange->logged.Set(head_);
  MetricsOf(*exchange).Begin();
  return exchange;
}

void HttpLoop::End(std::unique_ptr<Exchange> exchange,
                   const InetAddress& peer) {
  ended_.push_back({std::move(exchange), &peer});
  if (ended_.size() >= kMaxEnded) Record();
}

void HttpLoop::Record() {
  if (ended_.empty()) return;
  const MonotonicTime now = loop_->ReadClock();
  for (Ended& ended : ended_) {
    const Exchange& exchange = *ended.exchange;
    const absl::Duration latency = now - exchange.begun;
    RouteMetrics& metrics = MetricsOf(exchange);
    if (exchange.is_whole()) {
      metrics.Finish(exchange.status, exchange.request_body_bytes,
                     exchange.body_bytes, latency);
    } else {
      metrics.Abort(exchange.request_body_bytes, exchange.body_bytes);
    }
    if (log_.has_value()) Log(exchange, *ended.peer, latency);
    Recycle(std::move(ended.exchange));
  }
  ended_.clear();
}

void HttpLoop::Log(const Exchange& exchange, const InetAddress& peer,
                   absl::Duration latency) {
  const bool begun = exchange.stage != Exchange::Stage::kFresh;
  const std::string host = peer.HostToString();
  AccessRecord record = {
      .peer = host,
      .time = absl::Now() - latency,
      .status = begun ? exchange.status : kClientClosedRequest,
      .body_bytes = exchange.body_bytes,
      .latency = latency};
  exchange.logged.CopyTo(record);
  log_->Log(record);
}

void HttpLoop::Recycle(std::unique_ptr<Exchange> exchange) {
  if (spare_.size() >= kMaxSpareExchanges ||
      exchange->waiting.capacity() > kMaxSpareBytes) {
    return;
  }
  exchange->Clear();
  spare_.push_back(std::move(exchange));
}

HttpLoop& HttpLoops::Of(const std::shared_ptr<const HttpService>& service) {
  for (auto& [key, loop] : all_) {
    if (key == service.get()) return *loop;
  }
  all_.emplace_back(service.get(), std::make_unique<HttpLoop>(loop_, service));
  return *all_.back().second;
}

void HttpLoops::Drop(const HttpService* service) {
  std::erase_if(
      all_, [service](const auto& entry) { return entry.first == service; });
}

}  // namespace rondo
