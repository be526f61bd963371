#ifndef RONDO_EXAMPLES_SERVING_H_
#define RONDO_EXAMPLES_SERVING_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/signal_watcher.h"
#include "net/tcp/socket.h"
#include "net/tcp/takeover_listener.h"
#include "net/tcp/tcp_server.h"

namespace rondo::examples {

// One run of a server, from its listening sockets to its end:
//
//   SIGTERM, SIGINT   drains; the second one ends it at once
//   SIGHUP            reopens the log file
//   a new process     that asks at `takeover_path` gets the sockets; this one
//                     drains
//
// Threading: the loop's thread.
// Ownership: borrows the loop.
class Serving {
 public:
  struct Options {
    std::string name;
    TcpServerOptions server;
    absl::Duration drain_timeout;
    std::string takeover_path;  // empty: hands over to nobody
  };

  Serving(EventLoop* loop, Options options);

  // Takes signals from now on. Before any thread is started: one that does not
  // inherit that they are blocked would be ended by them.
  absl::Status TakeSignals();

  // Listens, on sockets that a service manager or an older process of this
  // program has ready if there are any.
  absl::Status Start(ConnectionCallbacks callbacks);

  // Serves until it is told to end.
  StopReport Run();

  // Requires: Start() was called.
  const TcpServer& server() const { return *server_; }

 private:
  absl::Status TakeOver();
  absl::Status ListenForSuccessor(Socket control);
  void HandleSignal(int signal);
  void Drain();

  EventLoop* const loop_;
  const Options options_;
  std::unique_ptr<SignalWatcher> signals_;
  std::unique_ptr<TcpServer> server_;
  std::unique_ptr<TakeoverListener> successor_;
  bool draining_ = false;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_SERVING_H_
