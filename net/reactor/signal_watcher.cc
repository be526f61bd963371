#include "net/reactor/signal_watcher.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/reactor/event_loop.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<SignalWatcher>> SignalWatcher::Create(
    EventLoop* loop, std::initializer_list<int> signals, Callback callback) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  UniqueFd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "signalfd");
  const int error = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (error != 0) return absl::ErrnoToStatus(error, "pthread_sigmask");
  std::unique_ptr<SignalWatcher> watcher(
      new SignalWatcher(loop, std::move(fd), std::move(callback)));
  const absl::Status watched = watcher->channel_.Commit();
  if (!watched.ok()) return watched;
  return watcher;
}

SignalWatcher::SignalWatcher(EventLoop* loop, UniqueFd fd, Callback callback)
    : callback_(std::move(callback)),
      fd_(std::move(fd)),
      channel_(loop, fd_.get(), [this](IoEvents) { HandleReadable(); }) {
  channel_.EnableReading();
}

void SignalWatcher::HandleReadable() {
  signalfd_siginfo info;
  // One a turn; another makes the descriptor readable again.
  if (::read(fd_.get(), &info, sizeof(info)) == sizeof(info)) {
    callback_(static_cast<int>(info.ssi_signo));
  }
}

}  // namespace rondo
