#ifndef RONDO_NET_CORO_STREAM_LISTENER_H_
#define RONDO_NET_CORO_STREAM_LISTENER_H_

#include <limits>
#include <memory>

#include "absl/status/statusor.h"
#include "net/coro/async_channel.h"
#include "net/coro/stream.h"
#include "net/coro/task.h"
#include "net/tcp/acceptor_options.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/connection_limits.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class Acceptor;
class EventLoop;

struct StreamListenerOptions {
  AcceptorOptions acceptor = {};
  ConnectionLimits limits = {};
};

// Listens, and gives what connects to who asks for it, on one loop. While
// nobody does, connections wait in the kernel's backlog. TcpServer is for
// several loops, caps and draining.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows the loop; outlives who waits in Accept().
// Streams that it has given go on without it.
// Errors: Create() says what the system refuses.
//
// Example:
//   auto listener = StreamListener::Create(loop, address);
//   …
//   while (true) {
//     auto stream = co_await (*listener)->Accept();
//     if (!stream.ok()) co_return;
//     scope.Spawn(Serve(*std::move(stream)));
//   }
class StreamListener {
 public:
  static absl::StatusOr<std::unique_ptr<StreamListener>> Create(
      EventLoop* loop, const InetAddress& address,
      StreamListenerOptions options = {});
  StreamListener(const StreamListener&) = delete;
  StreamListener& operator=(const StreamListener&) = delete;
  ~StreamListener();

  // The next who connects. Cancelled once it is closed, or, at once, if the
  // task is to stop; whoever has connected meanwhile is for the next call.
  Task<absl::StatusOr<Stream>> Accept();

  // Stops listening.
  void Close();

  // With the port that the system chose for port 0.
  const InetAddress& address() const;

 private:
  struct Accepted {
    Socket socket;
    InetAddress peer;
  };

  StreamListener(EventLoop* loop, const ConnectionLimits& limits);

  void HandleAccepted(Socket socket, InetAddress peer);

  EventLoop* const loop_;
  const std::shared_ptr<ConnectionGroup> group_;
  AsyncChannel<Accepted> accepted_{std::numeric_limits<size_t>::max()};
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace rondo

#endif  // RONDO_NET_CORO_STREAM_LISTENER_H_
