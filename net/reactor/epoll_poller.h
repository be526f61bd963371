#ifndef RONDO_NET_REACTOR_EPOLL_POLLER_H_
#define RONDO_NET_REACTOR_EPOLL_POLLER_H_

#include <sys/epoll.h>

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/unique_fd.h"
#include "net/reactor/poller.h"

namespace rondo {

// epoll, level-triggered: a wait costs what is ready, not what is watched.
//
// Reference: epoll(7), epoll_pwait2(2) (Linux 5.11).
class EpollPoller final : public Poller {
 public:
  // Fails when the process is out of descriptors.
  static absl::StatusOr<std::unique_ptr<Poller>> Create();

  std::string_view name() const override { return "epoll"; }
  bool reports_edges() const override { return true; }
  absl::Status Update(WatchedFd watched, IoEvents from, IoEvents to) override;
  void Forget(WatchedFd) override {}  // close() takes it out of the set
  void Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) override;

 private:
  // What one wait may return; the rest is returned by the next.
  static constexpr int kMaxEventsPerWait = 512;

  explicit EpollPoller(UniqueFd epoll_fd);

  const UniqueFd epoll_fd_;
  std::vector<epoll_event> events_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_EPOLL_POLLER_H_
