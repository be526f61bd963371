#include "net/http/http_loop.h"

namespace rondo {

std::unique_ptr<Exchange> HttpLoop::NewExchange() {
  if (spare_.empty()) return std::make_unique<Exchange>();
  std::unique_ptr<Exchange> exchange = std::move(spare_.back());
  spare_.pop_back();
  return exchange;
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
