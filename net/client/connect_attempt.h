#ifndef RONDO_NET_CLIENT_CONNECT_ATTEMPT_H_
#define RONDO_NET_CLIENT_CONNECT_ATTEMPT_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/reactor/channel.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket.h"

namespace rondo {

class EventLoop;

// One socket's way to one address.
//
// Threading: the loop's thread only.
// Ownership and lifetime: destroying it closes the socket and forgets the
// callback, which may destroy it.
// Errors: the Status names the address, the reason and what to look at. A
// connection to itself, which TCP allows where nobody listens and the system
// chose the very port that was asked for, counts as refused.
// Reference: connect(2); RFC 9293 section 3.5 for the simultaneous open.
class ConnectAttempt {
 public:
  using Callback =
      absl::AnyInvocable<void(ConnectAttempt&, absl::StatusOr<Socket>)>;

  // How often a unix socket whose backlog is full is tried again. The system
  // does not tell when it has room.
  static constexpr absl::Duration kBacklogRetry = absl::Milliseconds(10);

  // Calls `callback` once, from the loop, never from inside this call. There is
  // no deadline but the system's.
  ConnectAttempt(EventLoop* loop, InetAddress peer,
                 const ConnectOptions& options, Callback callback);
  ConnectAttempt(const ConnectAttempt&) = delete;
  ConnectAttempt& operator=(const ConnectAttempt&) = delete;
  ~ConnectAttempt();

  const InetAddress& peer() const { return peer_; }

 private:
  void Connect();
  void HandleEvents(IoEvents events);
  bool IsConnectedToItself() const;
  void FailSoon(absl::Status status);
  void Finish(absl::StatusOr<Socket> result);

  EventLoop* const loop_;
  const InetAddress peer_;
  Callback callback_;
  Socket socket_;
  std::unique_ptr<Channel> channel_;  // while the system connects
  TimerId timer_;                     // to fail, or to try again
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_CONNECT_ATTEMPT_H_
