#include "net/reactor/select_poller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "net/reactor/wait_error.h"

namespace rondo {
namespace {

void SetMember(int fd, bool member, fd_set* set) {
  if (member) {
    FD_SET(fd, set);
  } else {
    FD_CLR(fd, set);
  }
}

}  // namespace

SelectPoller::SelectPoller() : generations_(FD_SETSIZE) {
  FD_ZERO(&want_read_);
  FD_ZERO(&want_write_);
}

absl::Status SelectPoller::Update(WatchedFd watched, IoEvents /*from*/,
                                  IoEvents to) {
  if (watched.fd >= FD_SETSIZE) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "select cannot watch descriptor ", watched.fd, ": the highest is ",
        FD_SETSIZE - 1, "; use the epoll or poll poller"));
  }
  if (to == IoEvents::kNone) {
    Forget(watched);
    return absl::OkStatus();
  }
  SetMember(watched.fd, Any(to, IoEvents::kReadable), &want_read_);
  SetMember(watched.fd, Any(to, IoEvents::kWritable), &want_write_);
  generations_[watched.fd] = watched.generation;
  highest_ = std::max(highest_, watched.fd);
  return absl::OkStatus();
}

void SelectPoller::Forget(WatchedFd watched) {
  if (watched.fd >= FD_SETSIZE) return;
  FD_CLR(watched.fd, &want_read_);
  FD_CLR(watched.fd, &want_write_);
  while (highest_ >= 0 && !FD_ISSET(highest_, &want_read_) &&
         !FD_ISSET(highest_, &want_write_)) {
    --highest_;
  }
}

void SelectPoller::Wait(absl::Duration timeout,
                        std::vector<ReadyEvent>& ready) {
  fd_set readable = want_read_;
  fd_set writable = want_write_;
  const timespec ts = absl::ToTimespec(timeout);
  const bool forever = timeout == absl::InfiniteDuration();
  int n = pselect(highest_ + 1, &readable, &writable, nullptr,
                  forever ? nullptr : &ts, nullptr);
  if (n < 0) return HandleWaitError("pselect");
  for (int fd = 0; n > 0 && fd <= highest_; ++fd) {
    IoEvents events = IoEvents::kNone;
    if (FD_ISSET(fd, &readable)) events = events | IoEvents::kReadable;
    if (FD_ISSET(fd, &writable)) events = events | IoEvents::kWritable;
    if (events == IoEvents::kNone) continue;
    n -= events == (IoEvents::kReadable | IoEvents::kWritable) ? 2 : 1;
    ready.push_back({{fd, generations_[fd]}, events});
  }
}

}  // namespace rondo
