#include "net/reactor/channel.h"

#include <utility>

#include "net/reactor/event_loop.h"

namespace rondo {

Channel::Channel(EventLoop* loop, int fd, Handler handler)
    : table_(loop->channels()), fd_(fd), handler_(std::move(handler)) {
  table_.Add(*this);
}

Channel::~Channel() {
  if (registered_) table_.Remove(fd_, /*closing=*/false);
}

void Channel::CloseNext() {
  table_.Remove(fd_, /*closing=*/true);
  registered_ = false;
}

}  // namespace rondo
