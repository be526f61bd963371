#ifndef RONDO_NET_TCP_ADMISSION_QUEUE_H_
#define RONDO_NET_TCP_ADMISSION_QUEUE_H_

#include <cstddef>
#include <deque>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class Acceptor;
class EventLoop;

// What stands between an acceptor and its server: lets in whom the server's
// AdmissionControl admits, resets whom it refuses, and keeps waiting whom it
// tells to wait. While all must wait, the acceptor is held and the rest wait in
// the kernel's backlog. Who must wait only for others of its address holds up
// nobody else: when as many as kMaxWaiting do, the next of these is reset.
//
// Threading: the acceptor loop's thread only.
// Ownership: owns the sockets that wait, and shares their group, where they
// count as waiting; borrows the rest, which outlives it.
class AdmissionQueue {
 public:
  // Accepted sockets that may wait for others of their address to leave.
  static constexpr size_t kMaxWaiting = 1'024;

  using Admit = absl::AnyInvocable<void(Socket, InetAddress, AddressKey)>;

  // `admit` may call Close().
  AdmissionQueue(EventLoop* loop, std::shared_ptr<ConnectionGroup> group,
                 Admit admit);
  ~AdmissionQueue() { Close(); }

  // Whom to hold. Before the first Offer().
  void SetAcceptor(Acceptor* acceptor) { acceptor_ = acceptor; }

  void Offer(Socket socket, InetAddress peer);

  // Drops whoever waits, and from then on whatever is offered.
  void Close();
  void CloseAfter(absl::Duration delay);

  size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Socket socket;
    InetAddress peer;
    AddressKey key;
  };

  // False if it must wait, and is left alone.
  bool Decide(Waiting& next);
  void Retry();
  void Update();
  // To be given to the control, unless it has it.
  const AdmissionControl::Waker& Wake() const {
    static const AdmissionControl::Waker kNone;
    return wake_pending_ ? kNone : wake_;
  }

  EventLoop* const loop_;
  const std::shared_ptr<ConnectionGroup> group_;
  AdmissionControl& control_;
  Admit admit_;
  Acceptor* acceptor_ = nullptr;
  std::deque<Waiting> waiting_;
  size_t counted_ = 0;                           // of waiting_, in the group
  const std::shared_ptr<AdmissionQueue*> self_;  // gone when this is
  const AdmissionControl::Waker wake_;           // posts a Retry()
  bool wake_pending_ = false;
  bool closed_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_ADMISSION_QUEUE_H_
