#ifndef RONDO_NET_TCP_LISTENER_H_
#define RONDO_NET_TCP_LISTENER_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/admission_queue.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class EventLoop;

// One listening socket of a server, and who waits behind it:
//
//   acceptor ──► admission queue ──► the server places the connection
//
//   listening ──Leave(), Drain()──► ended ──Stop()──► stopped
//       └──────────────────────────Stop()──────────────▲
//
//   ended     its socket is closed, or after Drain() in a moment, see Acceptor;
//             who was accepted may wait to be admitted.
//   stopped   nobody waits.
//
// Threading: the loop's thread only, but for what says otherwise.
// Ownership: may be destroyed by any thread once stopped.
class Listener {
 public:
  // Listens, and accepts from the loop's next turn on.
  static absl::StatusOr<std::unique_ptr<Listener>> Create(
      EventLoop* loop, Socket socket, AcceptorOptions options,
      std::shared_ptr<ConnectionGroup> group, AdmissionQueue::Admit admit);

  EventLoop* loop() const { return loop_; }  // Thread-safe.

  // While it listens, of any thread; Share() as Acceptor's.
  const InetAddress& address() const { return acceptor_->address(); }
  int fd() const { return acceptor_->fd(); }
  void Share() { acceptor_->Share(); }

  // Another process listens on, on the same socket and file, and what the
  // kernel holds is for that one.
  void Leave();
  // Takes what the kernel holds. Who has not been admitted after `grace` is
  // dropped; may be called again to shorten that, also after Leave().
  void Drain(absl::Duration grace);
  void Stop();

 private:
  Listener(EventLoop* loop, std::shared_ptr<ConnectionGroup> group)
      : loop_(loop), group_(std::move(group)) {}

  EventLoop* const loop_;
  const std::shared_ptr<ConnectionGroup> group_;
  std::unique_ptr<AdmissionQueue> queue_;  // both null once stopped
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_LISTENER_H_
