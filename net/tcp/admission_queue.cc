#include "net/tcp/admission_queue.h"

#include <glog/logging.h>

#include <iterator>
#include <utility>

#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"
#include "net/tcp/acceptor.h"

namespace rondo {

AdmissionQueue::AdmissionQueue(EventLoop* loop,
                               std::shared_ptr<ConnectionGroup> group,
                               Admit admit)
    : loop_(loop),
      group_(std::move(group)),
      control_(group_->admission()),
      admit_(std::move(admit)),
      self_(std::make_shared<AdmissionQueue*>(this)),
      wake_([mailbox = loop->mailbox(), self = std::weak_ptr(self_)] {
        // Refused only when the loop is gone, and the queue with it.
        (void)mailbox->Post([self] {
          if (const auto queue = self.lock()) (*queue)->Retry();
        });
      }) {}

void AdmissionQueue::Offer(Socket socket, InetAddress peer) {
  if (closed_) return;
  const AddressKey key = AddressKeyOf(peer);
  Waiting next = {std::move(socket), std::move(peer), key};
  if (!Decide(next)) waiting_.push_back(std::move(next));
  Update();
}

void AdmissionQueue::Close() {
  closed_ = true;
  waiting_.clear();
  Update();
}

void AdmissionQueue::CloseAfter(absl::Duration delay) {
  if (delay == absl::InfiniteDuration()) return;
  loop_->RunAfter(delay, [self = std::weak_ptr(self_)] {
    if (const auto queue = self.lock()) (*queue)->Close();
  });
}

bool AdmissionQueue::Decide(Waiting& next) {
  const AdmissionControl::Verdict verdict = control_.Ask(next.key, Wake());
  if (verdict == AdmissionControl::Verdict::kWait) {
    wake_pending_ = true;
    if (waiting_.size() < kMaxWaiting || control_.MustWait(nullptr)) {
      return false;
    }
    control_.CountRefused(Refusal::kAddressLimit);
  }
  if (verdict == AdmissionControl::Verdict::kAdmit) {
    admit_(std::move(next.socket), std::move(next.peer), next.key);
    return true;
  }
  LOG_EVERY_T(WARNING, 1) << "refusing " << next.peer.ToString()
                          << ": too many connections, or too little memory";
  next.socket.ResetOnClose();
  next.socket.Close();
  return true;
}

// Whom it admits may close this, or have more offered to it.
void AdmissionQueue::Retry() {
  wake_pending_ = false;
  std::deque<Waiting> still;
  for (size_t left = waiting_.size(); left > 0 && !closed_; --left) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (!Decide(next)) still.push_back(std::move(next));
  }
  if (closed_) return;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(still.begin()),
                  std::make_move_iterator(still.end()));
  Update();
}

void AdmissionQueue::Update() {
  group_->CountWaiting(waiting_.size() - counted_);
  counted_ = waiting_.size();
  if (closed_) return;
  const bool full = control_.MustWait(Wake());
  if (full) {
    wake_pending_ = true;
    acceptor_->Hold();
  } else {
    acceptor_->Resume();
  }
}

}  // namespace rondo
