#ifndef RONDO_NET_TCP_ACCEPTOR_H_
#define RONDO_NET_TCP_ACCEPTOR_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/reactor/channel.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/acceptor_options.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "net/tcp/socket_file.h"

namespace rondo {

class EventLoop;

// How often accepting has failed, and how often it has had to rest.
//
// Threading: written by acceptors' loops, read by any thread.
struct AcceptCounts {
  std::atomic<uint64_t> errors{0};
  std::atomic<uint64_t> pauses{0};
};

// Listens on one address and hands over what connects.
//
// What a peer can cause (it hung up while in the backlog, a firewall rule)
// costs that peer's connection only. What the machine lacks, and an error that
// does not go away, costs a pause.
//
// Threading: the loop's thread only; Create() and the destructor too.
// Ownership and lifetime: owns the listening socket, and unlinks the file of
// one that was not adopted. The callback may Stop() it but not destroy it:
// DeferDelete() does. Reference: accept(2), "Error handling".
class Acceptor {
 public:
  using Callback = absl::AnyInvocable<void(Socket, InetAddress peer)>;

  // Listens, and accepts from the loop's next turn on.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Create(
      EventLoop* loop, const InetAddress& address, AcceptorOptions options,
      Callback on_accept);
  // The same on a socket that listens already.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Create(
      EventLoop* loop, Socket listening, AcceptorOptions options,
      Callback on_accept);
  ~Acceptor();

  // How long those who are half way when it stops may take to join who wait: an
  // acknowledgement has so long to come, which is enough on this host. Not
  // longer, as who begins meanwhile hears nothing and tries again after a
  // second, to be refused then.
  static constexpr absl::Duration kHandshakeTime = absl::Milliseconds(2);

  // Closes the socket.
  void Stop();
  // Accepts what waits, whatever the budget and also while held, closes the
  // socket and calls `then`. If the socket is this process's alone nobody gets
  // in between: the kernel is told to let nobody begin, see
  // Socket::RefuseNew(), and who has begun is waited for. If not, it is closed
  // at once, and if it is held, what waits is left to others.
  void StopAfterWaiting(absl::AnyInvocable<void()> then = nullptr);

  // Between them nothing is accepted and the backlog fills.
  void Hold();
  void Resume();

  // Another process may have the same socket from now on. Thread-safe.
  void Share() { shared_ = true; }
  // Another process listens on it: its file is left to that one.
  void KeepFile() { file_.Release(); }

  // The listening socket, borrowed; -1 once stopped.
  int fd() const { return socket_.fd(); }

  // Where it listens, with the port that the system chose for port 0.
  const InetAddress& address() const { return address_; }

  const AcceptCounts& counts() const { return counts_; }

 private:
  Acceptor(EventLoop* loop, Socket socket, InetAddress address,
           AcceptorOptions options, Callback on_accept);

  void HandleEvents(IoEvents events);
  void AcceptWaiting();
  void AcceptAll(int budget, bool while_held);
  // True if the next connection can be tried at once.
  bool HandleError(int error);
  void Rest(int error);
  void UpdateInterest();

  EventLoop* const loop_;
  const AcceptorOptions options_;
  Callback on_accept_;
  Socket socket_;
  const InetAddress address_;
  SocketFile file_;
  Channel channel_;
  absl::Duration next_pause_;
  TimerId resume_timer_;
  TimerId stop_timer_;
  absl::AnyInvocable<void()> when_stopped_;
  std::atomic<bool> shared_;
  bool stopped_ = false;
  bool stopping_ = false;
  bool held_ = false;
  bool resting_ = false;
  int errors_in_a_row_ = 0;
  AcceptCounts own_counts_;
  AcceptCounts& counts_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_ACCEPTOR_H_
