#include "net/tcp/admission_queue.h"

#include <glog/logging.h>

#include <utility>

#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"
#include "net/tcp/acceptor.h"

namespace rondo {

AdmissionQueue::AdmissionQueue(EventLoop* loop, AdmissionControl& control,
                               Admit admit)
    : control_(control),
      admit_(std::move(admit)),
      self_(std::make_shared<AdmissionQueue*>(this)),
      wake_([mailbox = loop->mailbox(), self = std::weak_ptr(self_)] {
        // Refused only when the loop is gone, and the queue with it.
        (void)mailbox->Post([self] {
          if (const auto queue = self.lock()) (*queue)->Retry();
        });
      }) {}

void AdmissionQueue::Offer(Socket socket, InetAddress peer) {
  const AddressKey key = AddressKeyOf(peer);
  Waiting next = {std::move(socket), std::move(peer), key};
  if (!Decide(next)) waiting_.push_back(std::move(next));
  UpdateAcceptor();
}

bool AdmissionQueue::Decide(Waiting& next) {
  const AdmissionControl::Verdict verdict = control_.Ask(next.key, Wake());
  if (verdict == AdmissionControl::Verdict::kWait) {
    wake_pending_ = true;
    return false;
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

void AdmissionQueue::Retry() {
  wake_pending_ = false;
  std::deque<Waiting> still;
  for (Waiting& next : waiting_) {
    if (!Decide(next)) still.push_back(std::move(next));
  }
  waiting_.swap(still);
  UpdateAcceptor();
}

void AdmissionQueue::UpdateAcceptor() {
  const bool full = control_.MustWait(Wake());
  if (full) wake_pending_ = true;
  if (full || waiting_.size() >= kMaxWaiting) {
    acceptor_->Hold();
  } else {
    acceptor_->Resume();
  }
}

}  // namespace rondo
