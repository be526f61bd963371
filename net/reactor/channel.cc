#include "net/reactor/channel.h"

#include <utility>

#include "net/reactor/channel_table.h"
#include "net/reactor/event_loop.h"

namespace rondo {

Channel::Channel(EventLoop* loop, int fd, Handler handler)
    : table_(loop->channels()), fd_(fd), handler_(std::move(handler)) {
  table_.Add(*this);
}

Channel::~Channel() {
  if (registered_) Leave();
}

IoEvents Channel::interest() const { return table_.interest(fd_); }

void Channel::SetInterest(IoEvents interest) {
  table_.SetInterest(fd_, interest);
}

absl::Status Channel::Commit() { return table_.Apply(fd_); }

void Channel::Leave() {
  table_.Remove(fd_, /*closing=*/false);
  registered_ = false;
}

void Channel::CloseNext() {
  table_.Remove(fd_, /*closing=*/true);
  registered_ = false;
}

}  // namespace rondo
