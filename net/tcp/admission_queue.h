#ifndef RONDO_NET_TCP_ADMISSION_QUEUE_H_
#define RONDO_NET_TCP_ADMISSION_QUEUE_H_

#include <cstddef>
#include <deque>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class Acceptor;
class EventLoop;

// What stands between an acceptor and its server: lets in whom the server's
// AdmissionControl admits, resets whom it refuses, and keeps waiting whom it
// tells to wait. While all must wait, and while as many as kMaxWaiting do, the
// acceptor is held and the rest wait in the kernel's backlog.
//
// Threading: the acceptor loop's thread only.
// Ownership: owns the sockets that wait; borrows the rest, which outlive it.
class AdmissionQueue {
 public:
  // Accepted sockets that may wait for others of their address to leave.
  static constexpr size_t kMaxWaiting = 1'024;

  using Admit = absl::AnyInvocable<void(Socket, InetAddress, AddressKey)>;

  AdmissionQueue(EventLoop* loop, AdmissionControl& control, Admit admit);

  // Whom to hold. Before the first Offer().
  void SetAcceptor(Acceptor* acceptor) { acceptor_ = acceptor; }

  void Offer(Socket socket, InetAddress peer);

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
  void UpdateAcceptor();
  // To be given to the control, unless it has it.
  const AdmissionControl::Waker& Wake() const {
    static const AdmissionControl::Waker kNone;
    return wake_pending_ ? kNone : wake_;
  }

  AdmissionControl& control_;
  Admit admit_;
  Acceptor* acceptor_ = nullptr;
  std::deque<Waiting> waiting_;
  const std::shared_ptr<AdmissionQueue*> self_;  // gone when this is
  const AdmissionControl::Waker wake_;           // posts a Retry()
  bool wake_pending_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_ADMISSION_QUEUE_H_
