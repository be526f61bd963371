#ifndef RONDO_NET_REACTOR_POLL_POLLER_H_
#define RONDO_NET_REACTOR_POLL_POLLER_H_

#include <poll.h>

#include <string_view>
#include <vector>

#include "net/reactor/poller.h"

namespace rondo {

// poll: no limit on the descriptors, but each wait reads the whole list.
//
// Reference: ppoll(2).
class PollPoller final : public Poller {
 public:
  std::string_view name() const override { return "poll"; }
  absl::Status Update(WatchedFd watched, IoEvents from, IoEvents to) override;
  void Forget(WatchedFd watched) override;
  void Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) override;

 private:
  static constexpr int kAbsent = -1;

  int IndexOf(int fd) const;

  // fds_ and generations_ run in parallel; index_by_fd_ finds a place in them.
  std::vector<pollfd> fds_;
  std::vector<uint32_t> generations_;
  std::vector<int> index_by_fd_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_POLL_POLLER_H_
