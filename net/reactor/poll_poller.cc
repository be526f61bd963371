#include "net/reactor/poll_poller.h"

#include "net/reactor/wait_error.h"

namespace rondo {
namespace {

short ToPoll(IoEvents events) {
  short result = 0;
  if (Any(events, IoEvents::kReadable)) result |= POLLIN;
  if (Any(events, IoEvents::kWritable)) result |= POLLOUT;
  if (Any(events, IoEvents::kHangup)) result |= POLLRDHUP;
  return result;
}

IoEvents FromPoll(short events) {
  IoEvents result = IoEvents::kNone;
  if (events & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) {
    result = result | IoEvents::kReadable;
  }
  if (events & (POLLOUT | POLLHUP | POLLERR | POLLNVAL)) {
    result = result | IoEvents::kWritable;
  }
  if (events & (POLLRDHUP | POLLHUP)) result = result | IoEvents::kHangup;
  if (events & (POLLERR | POLLNVAL)) result = result | IoEvents::kError;
  return result;
}

}  // namespace

int PollPoller::IndexOf(int fd) const {
  return static_cast<size_t>(fd) < index_by_fd_.size() ? index_by_fd_[fd]
                                                       : kAbsent;
}

absl::Status PollPoller::Update(WatchedFd watched, IoEvents /*from*/,
                                IoEvents to) {
  if (to == IoEvents::kNone) {
    Forget(watched);
    return absl::OkStatus();
  }
  int index = IndexOf(watched.fd);
  if (index == kAbsent) {
    index = static_cast<int>(fds_.size());
    fds_.push_back({.fd = watched.fd, .events = 0, .revents = 0});
    generations_.push_back(watched.generation);
    if (static_cast<size_t>(watched.fd) >= index_by_fd_.size()) {
      index_by_fd_.resize(watched.fd + 1, kAbsent);
    }
    index_by_fd_[watched.fd] = index;
  }
  fds_[index].events = ToPoll(to);
  generations_[index] = watched.generation;
  return absl::OkStatus();
}

void PollPoller::Forget(WatchedFd watched) {
  const int index = IndexOf(watched.fd);
  if (index == kAbsent) return;
  index_by_fd_[fds_.back().fd] = index;  // the last one takes the free place
  fds_[index] = fds_.back();
  generations_[index] = generations_.back();
  index_by_fd_[watched.fd] = kAbsent;
  fds_.pop_back();
  generations_.pop_back();
}

void PollPoller::Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) {
  const timespec ts = absl::ToTimespec(timeout);
  const bool forever = timeout == absl::InfiniteDuration();
  int n = ppoll(fds_.data(), fds_.size(), forever ? nullptr : &ts, nullptr);
  if (n < 0) return HandleWaitError("ppoll");
  for (size_t i = 0; n > 0 && i < fds_.size(); ++i) {
    if (fds_[i].revents == 0) continue;
    --n;
    ready.push_back({{fds_[i].fd, generations_[i]}, FromPoll(fds_[i].revents)});
  }
}

}  // namespace rondo
