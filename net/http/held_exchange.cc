#include "net/http/held_exchange.h"

#include <glog/logging.h>

#include <utility>

#include "net/http/exchange.h"
#include "net/http/http_connection.h"
#include "net/http/response_writer.h"

namespace rondo {

HeldExchange::HeldExchange(ResponseWriter& writer,
                           absl::AnyInvocable<void()> on_gone)
    : connection_(writer.connection_),
      exchange_(writer.exchange_),
      on_gone_(std::move(on_gone)) {
  exchange_->deferred = true;
  exchange_->on_gone = [this] {
    Leave();
    on_gone_();
  };
}

HttpLoop& HeldExchange::LoopOf(const ResponseWriter& writer) {
  return writer.connection_->loop();
}

bool HeldExchange::waits() const {
  return exchange_ != nullptr && exchange_->stage != Exchange::Stage::kAnswered;
}

bool HeldExchange::server_ends() const { return connection_->server_ends(); }

bool HeldExchange::has_body() const {
  return exchange_ != nullptr && connection_->HasBody(*exchange_);
}

void HeldExchange::Keep(size_t bytes) {
  kept_bytes_ += bytes;
  connection_->answers().AddKept(bytes);
}

Exchange& HeldExchange::Leave() {
  connection_->answers().RemoveKept(std::exchange(kept_bytes_, size_t{0}));
  return *std::exchange(exchange_, nullptr);
}

void HeldExchange::Run(absl::FunctionRef<void(ResponseWriter&)> f) {
  DCHECK(waits());
  connection_->Run(*exchange_, f);
}

void HeldExchange::Fail() {
  if (exchange_ == nullptr) return;
  // Whatever it has been given refers to who goes now.
  exchange_->on_gone = nullptr;
  exchange_->on_room = nullptr;
  exchange_->body_reader = {};
  const bool had_kept = kept_bytes_ > 0;
  Exchange& exchange = Leave();
  if (exchange.stage != Exchange::Stage::kAnswered) {
    connection_->Fail(exchange);
  } else if (had_kept && !connection_->server_ends()) {
    connection_->Run(exchange, [](ResponseWriter&) {});  // there is room again
  }
}

void HeldExchange::GiveUp() {
  if (waits()) {
    LOG(ERROR) << "HTTP: the task of " << exchange_->route->method << " "
               << exchange_->route->pattern << " has not given its answer";
  }
  Fail();
}

}  // namespace rondo
