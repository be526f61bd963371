#include "net/coro/readiness.h"

#include "absl/strings/str_cat.h"

namespace rondo {

void ReadinessAwaiter::Watch() {
  channel_.emplace(loop(), fd_,
                   [this](IoEvents events) { HandleEvents(events); });
  channel_->SetInterest(interest_);
}

// In a task: a channel's handler must not destroy it. But the loop forgets the
// descriptor now, as the frame may close it.
void ReadinessAwaiter::HandleEvents(IoEvents events) {
  refused_ = events == IoEvents::kError && !channel_->Commit().ok();
  channel_->Leave();
  ResumeSoon();
}

bool ReadinessAwaiter::Withdraw() {
  channel_->Leave();
  return true;
}

absl::Status ReadinessAwaiter::await_resume() const {
  if (cancelled()) return absl::CancelledError("the task is to stop");
  if (!refused_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the poller cannot watch descriptor ", fd_));
}

}  // namespace rondo
