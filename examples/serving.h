#ifndef RONDO_EXAMPLES_SERVING_H_
#define RONDO_EXAMPLES_SERVING_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/reactor/event_loop.h"
#include "net/reactor/signal_watcher.h"
#include "net/tcp/socket.h"
#include "net/tcp/takeover_listener.h"
#include "net/tcp/takeover_request.h"
#include "net/tcp/tcp_server.h"

namespace rondo::examples {

// One run of a server, from its listening sockets to its end:
//
//   SIGTERM, SIGINT   drains; the second one ends it at once
//   SIGHUP            reopens the log file, and what OnHangup() says
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
  // The listening sockets that others have ready.
  struct Sockets {
    std::vector<Socket> inherited;
    std::optional<TakeoverRequest> request;  // to an older process
  };

  // Before anything else opens descriptors, starts threads or takes signals:
  // those of a service manager are known by their numbers, and a signal should
  // end the wait for an older process.
  static absl::StatusOr<Sockets> FindSockets(const std::string& takeover_path);

  Serving(EventLoop* loop, Options options);

  // Takes signals from now on. Before any thread is started: one that does not
  // inherit that they are blocked would be ended by them.
  absl::Status TakeSignals();

  // Listens: where a service manager's sockets do, if there are any, else on
  // those of an older process, or on new ones.
  absl::Status Start(ConnectionCallbacks callbacks, Sockets sockets);

  // Called on SIGHUP, after the log file is opened anew.
  void OnHangup(std::function<void()> f) { on_hangup_ = std::move(f); }

  // Serves until it is told to end.
  StopReport Run();
  // Whether it was told twice, so that nothing is worth waiting for.
  bool cut_short() const { return cut_short_; }

  // Requires: Start() was called.
  const TcpServer& server() const { return *server_; }

 private:
  absl::Status TakeOver(TakeoverRequest request);
  absl::Status ListenForSuccessor(Socket control);
  void HandleSignal(int signal);
  void Drain();

  EventLoop* const loop_;
  Options options_;
  std::unique_ptr<SignalWatcher> signals_;
  std::unique_ptr<TcpServer> server_;
  std::unique_ptr<TakeoverListener> successor_;
  std::function<void()> on_hangup_;
  bool told_to_end_ = false;
  bool cut_short_ = false;
};

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_SERVING_H_
