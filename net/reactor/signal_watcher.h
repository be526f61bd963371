#ifndef RONDO_NET_REACTOR_SIGNAL_WATCHER_H_
#define RONDO_NET_REACTOR_SIGNAL_WATCHER_H_

#include <initializer_list>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "net/reactor/channel.h"

namespace rondo {

class EventLoop;

// Turns signals into callbacks on a loop, where they may do anything. No code
// of ours runs in a signal handler.
//
// Threading: the loop's thread. Create it before other threads: they inherit
// that the signals are blocked, and one that does not would take them.
// Ownership and lifetime: borrows the loop. The signals stay blocked when it is
// destroyed.
// Reference: signalfd(2).
class SignalWatcher {
 public:
  using Callback = absl::AnyInvocable<void(int signal)>;

  static absl::StatusOr<std::unique_ptr<SignalWatcher>> Create(
      EventLoop* loop, std::initializer_list<int> signals, Callback callback);

 private:
  SignalWatcher(EventLoop* loop, UniqueFd fd, Callback callback);

  void HandleReadable();

  Callback callback_;
  const UniqueFd fd_;
  Channel channel_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_SIGNAL_WATCHER_H_
