#ifndef RONDO_NET_TCP_TAKEOVER_LISTENER_H_
#define RONDO_NET_TCP_TAKEOVER_LISTENER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/reactor/channel.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/socket.h"
#include "net/tcp/socket_file.h"

namespace rondo {

class EventLoop;

struct TakeoverListenerOptions {
  // Within which who connects must ask.
  absl::Duration request_timeout = absl::Seconds(5);
  // Within which the new process must accept. It may have much to load.
  absl::Duration confirm_timeout = absl::Minutes(1);
};

// A running process's side of a restart that refuses and resets nobody: hands
// its listening sockets to the new process that asks for them.
//
//   waiting ──connects──► connected ──asks──► offered ──confirms──► taken
//      ▲                      │ hangs up, timeout │
//      └──────────────────────┴───────────────────┘
//
// One process at a time; others wait in the backlog. Only root and this
// process's own user are answered, and the socket file is theirs alone.
//
// Threading: the loop's thread only; Create() and the destructor too.
// Ownership and lifetime: owns the control socket, and unlinks its file unless
// it has been offered or taken, with which the file is the new process's. A
// callback may not destroy it: DeferDelete() does.
// Errors: what a peer does wrong is logged and costs that peer its connection.
// Reference: takeover_protocol.h. Example: in takeover_request.h.
class TakeoverListener {
 public:
  struct Callbacks {
    // The sockets to hand over, borrowed. Called for each process that asks.
    absl::AnyInvocable<std::vector<int>()> listeners;
    // A new process accepts on them: accept no more, finish what is open, and
    // end. Destroy the channels of the sockets before closing these: closing
    // alone does not take them out of a poller while others have them open.
    // Called once.
    absl::AnyInvocable<void()> on_taken;
  };

  // Waits for a new process at `path`, on `control` if that is valid: what
  // TakeoverRequest::TakeControl() gave. Listens on a socket of its own if
  // there is none or its file is gone.
  static absl::StatusOr<std::unique_ptr<TakeoverListener>> Create(
      EventLoop* loop, const std::string& path, Socket control,
      Callbacks callbacks, TakeoverListenerOptions options = {});
  ~TakeoverListener();

  bool taken() const { return taken_; }
  // A new process has been given the sockets, and may accept any moment.
  bool offered() const { return peer_ != nullptr && peer_->offered; }

 private:
  // Who has connected.
  struct Peer {
    Peer(EventLoop* loop, Socket accepted, Channel::Handler handler)
        : socket(std::move(accepted)),
          channel(loop, socket.fd(), std::move(handler)) {}

    Socket socket;
    Channel channel;
    std::string heard;
    bool offered = false;
  };

  TakeoverListener(EventLoop* loop, Socket control, SocketFile file,
                   Callbacks callbacks, TakeoverListenerOptions options);

  void AcceptPeer();
  void Rest();
  void Serve(Socket socket);
  void HearPeer();
  void HearRequest();
  void Offer();
  bool SendOffer(const std::vector<int>& fds);
  void HandOver();
  void DropPeer(std::string_view why);
  void ForgetPeer();

  EventLoop* const loop_;
  const TakeoverListenerOptions options_;
  Callbacks callbacks_;
  SocketFile file_;
  Socket control_;
  std::optional<Channel> channel_;
  std::unique_ptr<Peer> peer_;
  TimerId timer_;  // the peer's, or that of Rest()
  bool taken_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_TAKEOVER_LISTENER_H_
