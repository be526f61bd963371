#include "net/reactor/epoll_poller.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/reactor/wait_error.h"

namespace rondo {
namespace {

uint32_t ToEpoll(IoEvents events) {
  uint32_t result = 0;
  if (Any(events, IoEvents::kReadable)) result |= EPOLLIN;
  if (Any(events, IoEvents::kWritable)) result |= EPOLLOUT;
  if (Any(events, IoEvents::kHangup)) result |= EPOLLRDHUP;
  if (Any(events, IoEvents::kOncePerEdge)) result |= EPOLLET;
  return result;
}

IoEvents FromEpoll(uint32_t events) {
  IoEvents result = IoEvents::kNone;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    result = result | IoEvents::kReadable;
  }
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
    result = result | IoEvents::kWritable;
  }
  if (events & (EPOLLRDHUP | EPOLLHUP)) result = result | IoEvents::kHangup;
  if (events & EPOLLERR) result = result | IoEvents::kError;
  return result;
}

// The watched descriptor travels in the event's 64 bits of user data.
uint64_t Pack(WatchedFd w) {
  return uint64_t{w.generation} << 32 | static_cast<uint32_t>(w.fd);
}
WatchedFd Unpack(uint64_t data) {
  return {static_cast<int>(data & 0xffffffff),
          static_cast<uint32_t>(data >> 32)};
}

int EpollWait(int epoll_fd, std::vector<epoll_event>& events,
              absl::Duration timeout) {
  const int capacity = static_cast<int>(events.size());
  // The plain call is the cheaper one where no nanoseconds are needed.
  if (timeout <= absl::ZeroDuration()) {
    return epoll_wait(epoll_fd, events.data(), capacity, 0);
  }
  if (timeout == absl::InfiniteDuration()) {
    return epoll_wait(epoll_fd, events.data(), capacity, -1);
  }
  // Valgrind and older sandboxes do not know epoll_pwait2 (Linux 5.11): with
  // them waits are rounded up to milliseconds.
  static std::atomic<bool> has_pwait2{true};
  if (has_pwait2.load(std::memory_order_relaxed)) {
    const int64_t ns = absl::ToInt64Nanoseconds(timeout);
    const timespec ts = {.tv_sec = ns / 1'000'000'000,
                         .tv_nsec = ns % 1'000'000'000};
    const int n = epoll_pwait2(epoll_fd, events.data(), capacity, &ts, nullptr);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return n;
    has_pwait2.store(false, std::memory_order_relaxed);
  }
  const int64_t ms =
      absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1)));
  return epoll_wait(epoll_fd, events.data(), capacity,
                    static_cast<int>(std::min<int64_t>(ms, INT_MAX)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Poller>> EpollPoller::Create() {
  UniqueFd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd.valid()) {
    return absl::ErrnoToStatus(errno,
                               "epoll_create1 (if files run out: raise `ulimit "
                               "-n`, or use fewer threads)");
  }
  return std::unique_ptr<Poller>(new EpollPoller(std::move(fd)));
}

EpollPoller::EpollPoller(UniqueFd epoll_fd)
    : epoll_fd_(std::move(epoll_fd)), events_(kMaxEventsPerWait) {}

absl::Status EpollPoller::Update(WatchedFd watched, IoEvents from,
                                 IoEvents to) {
  if (from == to) return absl::OkStatus();
  int operation = EPOLL_CTL_MOD;
  if (from == IoEvents::kNone) operation = EPOLL_CTL_ADD;
  if (to == IoEvents::kNone) operation = EPOLL_CTL_DEL;
  epoll_event event = {};
  event.events = ToEpoll(to);
  event.data.u64 = Pack(watched);
  if (epoll_ctl(epoll_fd_.get(), operation, watched.fd, &event) == 0) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(
      errno, absl::StrCat("epoll cannot watch descriptor ", watched.fd));
}

void EpollPoller::Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) {
  const int n = EpollWait(epoll_fd_.get(), events_, timeout);
  if (n < 0) return HandleWaitError("epoll_wait");
  for (int i = 0; i < n; ++i) {
    ready.push_back(
        {Unpack(events_[i].data.u64), FromEpoll(events_[i].events)});
  }
}

}  // namespace rondo
