#ifndef RONDO_NET_TCP_TCP_SERVER_H_
#define RONDO_NET_TCP_TCP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/event_loop_thread_pool.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

class Socket;

// Which loop serves the next connection.
enum class Placement {
  kRoundRobin,        // each in turn
  kLeastConnections,  // the one with the fewest open
  kReusePort,  // each loop listens for itself and the kernel chooses, by a hash
               // of the addresses (SO_REUSEPORT in socket(7))
};

// "round-robin", "least-connections", "reuseport"; other text gives an
// InvalidArgument that lists these.
absl::StatusOr<Placement> ParsePlacement(std::string_view text);
std::string_view ToString(Placement placement);

struct TcpServerOptions {
  std::vector<InetAddress> listen = {};  // at least one
  // Loops that serve connections, each with a thread. Zero: the acceptor's
  // loop does (a single reactor).
  int threads = 0;
  Placement placement = Placement::kRoundRobin;
  int backlog = 4'096;  // the kernel caps it at net.core.somaxconn
  bool tcp_no_delay = true;
  bool keep_alive = false;
  bool pin_cpus = false;      // loop i to CPU i, modulo those available
  std::string name = "loop";  // threads are called name-0, name-1, …
  int max_accepts_per_turn = 128;
  EventLoopOptions loop = {};  // of the threads' loops
};

// A TCP server: an acceptor's loop hands connections to N loops.
//
//                       ┌► loop-0: connections …
//   listen ► acceptor ──┼► loop-1: connections …
//                       └► loop-2: connections …
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

  // Starts the threads and listens; all or nothing. Requires: called once.
  absl::Status Start();

  // Stops accepting and ends every connection with kServerStopped, unsent
  // output dropped, calling its on_close. When it returns, no callback runs or
  // will run, but for these:
  //   - a callback that calls it goes on, and its own connection's on_close
  //     comes when it has returned;
  //   - called by a callback while another thread is in Stop(), it returns at
  //     once, as that thread may be waiting for this very callback.
  void Stop();

  // Of the first listener; 0 before Start().
  uint16_t port() const;
  // Of all listeners, as bound; for kReusePort one for each address.
  std::vector<InetAddress> addresses() const;
  // The loops that serve connections; empty before Start(). They are the
  // server's to stop.
  std::vector<EventLoop*> loops() const;

  size_t open_connections() const { return group_->open(); }
  uint64_t opened_connections() const { return group_->opened(); }
  uint64_t closed_connections(CloseReason reason) const {
    return group_->closed(reason);
  }

 private:
  struct Listener;

  absl::Status CheckOptions() const;
  absl::Status Listen(const InetAddress& address);
  // Opens an accepted socket on a loop: the caller's own, or a chosen one.
  void Place(size_t loop_index, Socket socket, InetAddress peer);
  size_t ChooseLoop();
  bool IsInOwnCallback() const;
  void StopListening();
  void OnEachLoop(absl::FunctionRef<void(EventLoop*)> f);

  // Immutable after construction.
  EventLoop* const acceptor_loop_;
  const TcpServerOptions options_;
  const std::shared_ptr<ConnectionGroup> group_;

  // Acceptor loop only.
  size_t next_loop_ = 0;

  mutable Mutex mu_;
  CondVar stop_done_;
  std::vector<Listener> listeners_ ABSL_GUARDED_BY(mu_);
  std::vector<InetAddress> addresses_ ABSL_GUARDED_BY(mu_);
  enum class Stopping { kNo, kUnderWay, kDone };
  Stopping stopping_ ABSL_GUARDED_BY(mu_) = Stopping::kNo;

  // Last, so that its threads end before what their callbacks may use.
  std::unique_ptr<EventLoopThreadPool> pool_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TCP_SERVER_H_
