#include "net/client/dialer.h"

#include <glog/logging.h>

#include <optional>
#include <utility>

#include "net/reactor/event_loop.h"
#include "net/tcp/connection_table.h"

namespace rondo {

ConnectionLimits ClientLimits() {
  return {.first_byte_timeout = absl::InfiniteDuration(),
          .idle_timeout = absl::InfiniteDuration(),
          .max_lifetime = absl::InfiniteDuration()};
}

absl::Status DialerOptions::Check() const {
  absl::Status status = connector.Check();
  status.Update(limits.Check());
  return status;
}

// One Dial(), in the dialer's list until it is answered or withdrawn.
class Dialer::Dialing final : public Request::State {
 public:
  Dialing(Dialer* dialer, Callback callback)
      : dialer_(dialer), loop_(dialer->loop_), callback_(std::move(callback)) {}
  ~Dialing() override { loop_->Cancel(failure_); }

  void Begin(Endpoint endpoint) {
    connector_.emplace(loop_, dialer_->options_.resolver, std::move(endpoint),
                       dialer_->options_.connector,
                       [this](absl::StatusOr<Connector::Connected> result) {
                         dialer_->Finish(this, std::move(result));
                       });
  }

  void FailSoon(const absl::Status& status) {
    failure_ = loop_->RunAfter(absl::ZeroDuration(), [this, status] {
      dialer_->Finish(this, status);
    });
  }

  void Withdraw() override {
    if (listed) dialer_->TakeOut(this);
  }

  // Is answered no more.
  void End() {
    listed = false;
    connector_.reset();
    loop_->Cancel(failure_);
  }

  Callback TakeCallback() { return std::move(callback_); }

  bool listed = true;
  size_t index = 0;  // in the list

 private:
  Dialer* const dialer_;  // gone, perhaps, once this is not listed
  EventLoop* const loop_;
  Callback callback_;
  std::optional<Connector> connector_;
  TimerId failure_;
};

Dialer::Dialer(EventLoop* loop, DialerOptions options,
               ConnectionCallbacks callbacks)
    : loop_(loop),
      options_(std::move(options)),
      options_status_(options_.Check()),
      group_(std::make_shared<ConnectionGroup>(std::move(callbacks),
                                               /*loops=*/1, options_.limits)) {}

// Callbacks may own this, and so they go when nothing on the stack uses it any
// more.
struct Dialer::Remains {
  std::vector<std::shared_ptr<Dialing>> dialing;
  std::shared_ptr<ConnectionGroup> group;
};

Dialer::~Dialer() {
  auto remains = std::make_unique<Remains>(std::move(dialing_), group_);
  ConnectionGroup& group = *remains->group;
  for (const auto& dialing : remains->dialing) dialing->End();
  loop_->DeferDelete(std::move(remains));
  group.Stop();
  if (group.open() == 0 && !group.callbacks().on_stop) return;
  loop_->Local<ConnectionTable>().CloseAll(&group, CloseReason::kForceClosed);
}

Request Dialer::Dial(Endpoint endpoint, Callback callback) {
  DCHECK(loop_->IsInLoopThread());
  auto dialing = std::make_shared<Dialing>(this, std::move(callback));
  dialing->index = dialing_.size();
  dialing_.push_back(dialing);
  if (options_status_.ok()) {
    dialing->Begin(std::move(endpoint));
  } else {
    dialing->FailSoon(options_status_);
  }
  return Request(dialing);
}

std::shared_ptr<Dialer::Dialing> Dialer::TakeOut(Dialing* dialing) {
  std::shared_ptr<Dialing> taken = std::move(dialing_[dialing->index]);
  taken->listed = false;
  if (dialing_.back() != nullptr) {  // else it was the last itself
    dialing_.back()->index = taken->index;
    dialing_[taken->index] = std::move(dialing_.back());
  }
  dialing_.pop_back();
  return taken;
}

void Dialer::Finish(Dialing* dialing,
                    absl::StatusOr<Connector::Connected> result) {
  // It, and its connector, which is calling, live until this returns, even if
  // the callback destroys the dialer.
  const std::shared_ptr<Dialing> taken = TakeOut(dialing);
  Callback callback = taken->TakeCallback();
  if (!result.ok()) return callback(result.status());
  const std::shared_ptr<ConnectionGroup> group = group_;
  TcpConnection& connection = loop_->Local<ConnectionTable>().Open(
      std::move(result->socket), std::move(result->peer),
      ConnectionMembership(group, /*loop_index=*/0));
  if (group->stopped()) return;  // on_connect has destroyed the dialer
  if (!connection.closed()) return callback(&connection);
  callback(absl::CancelledError("the connection ended in its on_connect"));
}

}  // namespace rondo
