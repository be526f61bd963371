#include "net/tcp/listener.h"

#include <utility>

#include "net/reactor/event_loop.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<Listener>> Listener::Create(
    EventLoop* loop, Socket socket, AcceptorOptions options,
    std::shared_ptr<ConnectionGroup> group, AdmissionQueue::Admit admit) {
  std::unique_ptr<Listener> listener(new Listener(loop, group));
  listener->queue_ = std::make_unique<AdmissionQueue>(loop, std::move(group),
                                                      std::move(admit));
  auto acceptor = Acceptor::Create(
      loop, std::move(socket), std::move(options),
      [queue = listener->queue_.get()](Socket accepted, InetAddress peer) {
        queue->Offer(std::move(accepted), std::move(peer));
      });
  if (!acceptor.ok()) return acceptor.status();
  listener->acceptor_ = *std::move(acceptor);
  listener->queue_->SetAcceptor(listener->acceptor_.get());
  return listener;
}

void Listener::Leave() {
  if (acceptor_ == nullptr) return;
  acceptor_->KeepFile();
  acceptor_->Stop();
}

void Listener::Drain(absl::Duration grace) {
  if (acceptor_ == nullptr) return;
  queue_->CloseAfter(grace);
  // Until it is closed, somebody may come yet.
  group_->CountWaiting(1);
  acceptor_->StopAfterWaiting(
      [group = group_] { group->CountWaiting(size_t{0} - 1); });
}

void Listener::Stop() {
  if (acceptor_ == nullptr) return;
  acceptor_->Stop();
  queue_->Close();
  // They may be calling us.
  loop_->DeferDelete(std::move(acceptor_));
  loop_->DeferDelete(std::move(queue_));
}

}  // namespace rondo
