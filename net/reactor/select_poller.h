#ifndef RONDO_NET_REACTOR_SELECT_POLLER_H_
#define RONDO_NET_REACTOR_SELECT_POLLER_H_

#include <sys/select.h>

#include <string_view>
#include <vector>

#include "net/reactor/poller.h"

namespace rondo {

// select: the oldest. Watches descriptors below FD_SETSIZE (1024) and refuses
// others, where the system call itself would write past its sets.
//
// Reference: select(2), "BUGS".
class SelectPoller final : public Poller {
 public:
  SelectPoller();

  std::string_view name() const override { return "select"; }
  absl::Status Update(WatchedFd watched, IoEvents from, IoEvents to) override;
  void Forget(WatchedFd watched) override;
  void Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) override;

 private:
  fd_set want_read_;
  fd_set want_write_;
  int highest_ = -1;                   // no watched descriptor is above it
  std::vector<uint32_t> generations_;  // by descriptor
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_SELECT_POLLER_H_
