#ifndef RONDO_NET_TCP_TCP_SERVER_H_
#define RONDO_NET_TCP_TCP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread_pool.h"
#include "net/tcp/acceptor.h"
#include "net/tcp/admission_control.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"
#include "net/tcp/tcp_connection.h"
#include "net/tcp/tcp_server_options.h"

namespace rondo {

class Listener;

// How a server stopped.
struct StopReport {
  size_t drained = 0;  // connections that ended in peace, or of themselves
  size_t forced = 0;   // connections that were ended at the deadline
  uint64_t bytes_unsent = 0;  // output that was dropped, since the server began
  bool complete = false;      // false from a callback, which cannot wait
};

// A TCP server: an acceptor's loop hands connections to N loops.
//
//                       ┌► loop-0: connections …
//   listen ► acceptor ──┼► loop-1: connections …
//                       └► loop-2: connections …
//
//   created ──Start()──► serving ──Drain()──► draining ──Stop()──► stopped
//                            └────────────────Stop()────────────────►
//
// Threading: all methods are Thread-safe but Start(), which goes first.
// Ownership and lifetime: owns its threads and loops; borrows the acceptor's
// loop, which must outlive it. Any thread may destroy it, with traffic running
// and also from inside a callback, unless another is in Stop().
// Errors: Start() says what is wrong with options or addresses.
//
// Example: an echo server is in the README.
class TcpServer {
 public:
  TcpServer(EventLoop* acceptor_loop, TcpServerOptions options,
            ConnectionCallbacks callbacks);
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;
  ~TcpServer();

  // Starts the threads and listens; all or nothing. `listening` are sockets
  // that others have made: those at an address of the options serve it, all of
  // them if the options name none; the rest are closed. Requires: called once.
  absl::Status Start(std::vector<Socket> listening = {});

  // Stops accepting, once all is accepted that waits, and closes connections as
  // they come to owe nothing: input is read and answered, offloaded work and
  // queued output finish. What is left after `grace` is ended by force. A later
  // call can shorten the grace. Then `done` runs on the acceptor's loop, unless
  // Stop() was called. Does not wait for connections.
  void Drain(absl::Duration grace,
             absl::AnyInvocable<void(StopReport)> done = nullptr);

  // Drains for up to `grace`, then ends every connection that is left with
  // kServerStopped, unsent output dropped, calling its on_close, and ends the
  // threads. When it returns, no callback runs or will run, but for these:
  //   - a callback that calls it does not wait: with a grace it only drains
  //     (Drain() tells when that is over, and how it went), without one it goes
  //     on, its own connection's on_close comes when it has returned, and the
  //     threads end with the server;
  //   - called by a callback while another thread is in Stop(), it returns at
  //     once, as that thread may be waiting for this very callback.
  // A call without grace ends another's grace.
  StopReport Stop(absl::Duration grace = absl::ZeroDuration());

  // The sockets it listens on, borrowed until it stops or drains, to be handed
  // to another process. Once that one accepts on them, LeaveListening() makes
  // this one stop accepting as of now, what waits being the other's.
  std::vector<int> listening_fds() const;
  void LeaveListening();

  // Of the first listener; 0 before Start().
  uint16_t port() const;
  // Of all listeners, as bound; for kReusePort one for each address.
  std::vector<InetAddress> addresses() const;
  // The loops that serve connections; empty before Start(). They are the
  // server's to stop.
  std::vector<EventLoop*> loops() const;

  size_t open_connections() const { return group_->open(); }
  // Accepted, and kept waiting for others to leave.
  size_t waiting_connections() const { return group_->waiting(); }
  uint64_t opened_connections() const { return group_->opened(); }
  uint64_t closed_connections(CloseReason reason) const {
    return group_->closed(reason);
  }
  uint64_t refused_connections(Refusal why) const {
    return group_->admission().refused(why);
  }
  // Failures to accept, and pauses for want of descriptors or memory.
  const AcceptCounts& accept_counts() const { return accept_counts_; }

 private:
  // kStopped: by a callback, which may be running still.
  enum class Stopping { kNo, kDraining, kUnderWay, kStopped, kDone };

  absl::Status StartListening(std::vector<Socket> listening);
  // Serves `address` on `listening` and on sockets made for it.
  absl::Status Listen(const InetAddress& address,
                      std::vector<Socket> listening);
  absl::StatusOr<InetAddress> AddListener(size_t loop_index, Socket socket,
                                          bool adopted);
  ListenOptions SocketOptions() const;
  bool each_loop_listens() const {
    return options_.placement == Placement::kReusePort;
  }

  // Opens an accepted socket on a loop: the caller's own, or a chosen one.
  void Place(size_t loop_index, Socket socket, InetAddress peer,
             AddressKey key);
  size_t ChooseLoop();

  bool IsInOwnCallback() const;
  // False if it is stopping already, otherwise than by draining.
  bool StartDrain(absl::Duration grace);
  void AwaitEmpty(absl::Duration timeout);
  void EndAll();
  // Does `end` to each listener, on its loop, and then `then`; in a callback
  // perhaps later.
  void EndListening(std::function<void(Listener&)> end,
                    absl::AnyInvocable<void()> then = nullptr);
  void OnEachLoop(absl::FunctionRef<void(EventLoop*)> f);

  // Immutable after construction.
  EventLoop* const acceptor_loop_;
  const TcpServerOptions options_;
  const std::shared_ptr<ConnectionGroup> group_;

  // Acceptor loop only; where each loop listens, the first one's.
  size_t next_loop_ = 0;

  AcceptCounts accept_counts_;

  mutable Mutex mu_;
  CondVar stop_done_;
  // Those that listen; and those that have ended, behind which some may wait.
  std::vector<std::shared_ptr<Listener>> listeners_ ABSL_GUARDED_BY(mu_);
  std::vector<std::shared_ptr<Listener>> ended_ ABSL_GUARDED_BY(mu_);
  std::vector<InetAddress> addresses_ ABSL_GUARDED_BY(mu_);
  Stopping stopping_ ABSL_GUARDED_BY(mu_) = Stopping::kNo;

  // Last, so that its threads end before what their callbacks may use.
  std::unique_ptr<EventLoopThreadPool> pool_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TCP_SERVER_H_
