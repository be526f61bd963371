#include "net/reactor/poller.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "net/reactor/epoll_poller.h"
#include "net/reactor/poll_poller.h"
#include "net/reactor/select_poller.h"

namespace rondo {

absl::StatusOr<std::unique_ptr<Poller>> NewPoller(std::string_view name) {
  if (name == "epoll") return EpollPoller::Create();
  if (name == "poll") return std::make_unique<PollPoller>();
  if (name == "select") return std::make_unique<SelectPoller>();
  return absl::InvalidArgumentError(
      absl::StrCat("no poller is called '", std::string(name),
                   "': use epoll, poll or select"));
}

}  // namespace rondo
