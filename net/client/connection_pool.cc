#include "net/client/connection_pool.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/client/connection_pool_core.h"
#include "net/reactor/event_loop.h"

namespace rondo {
namespace {

absl::Status CheckAtLeastOne(const char* name, size_t value) {
  if (value >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is 0, and must be at least 1"));
}

}  // namespace

absl::Status ConnectionPoolOptions::Check() const {
  absl::Status status = dialer.Check();
  status.Update(CheckAtLeastOne("max_per_endpoint", max_per_endpoint));
  status.Update(CheckAtLeastOne("max_total", max_total));
  status.Update(CheckAtLeastOne("max_waiting", max_waiting));
  if (idle_timeout < absl::ZeroDuration()) {
    status.Update(absl::InvalidArgumentError(
        absl::StrCat("idle_timeout is ", absl::FormatDuration(idle_timeout),
                     ", and must not be negative")));
  }
  return status;
}

ConnectionPool::ConnectionPool(EventLoop* loop, ConnectionPoolOptions options)
    : loop_(loop), core_(new Core(loop, std::move(options))) {}

// What it forgets may own this, and so nothing of this is touched after.
ConnectionPool::~ConnectionPool() {
  loop_->DeferDelete(std::unique_ptr<Core>(core_));
  core_->End();
}

Request ConnectionPool::Acquire(const Endpoint& endpoint,
                                absl::Duration timeout, Callback callback) {
  return core_->Acquire(endpoint, timeout, std::move(callback));
}

size_t ConnectionPool::idle() const { return core_->idle(); }
size_t ConnectionPool::lent() const { return core_->lent(); }
size_t ConnectionPool::dialing() const { return core_->dialing(); }
size_t ConnectionPool::waiting() const { return core_->waiting(); }
const ConnectionPool::Counts& ConnectionPool::counts() const {
  return core_->counts();
}

}  // namespace rondo
