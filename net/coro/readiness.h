#ifndef RONDO_NET_CORO_READINESS_H_
#define RONDO_NET_CORO_READINESS_H_

#include <coroutine>
#include <optional>

#include "absl/status/status.h"
#include "net/coro/suspension.h"
#include "net/reactor/channel.h"
#include "net/reactor/io_events.h"

namespace rondo {

// See Readable() and Writable().
class [[nodiscard]] ReadinessAwaiter final : public Suspension {
 public:
  ReadinessAwaiter(int fd, IoEvents interest) : fd_(fd), interest_(interest) {}
  ReadinessAwaiter(ReadinessAwaiter&& other)
      : Suspension(std::move(other)),
        fd_(other.fd_),
        interest_(other.interest_) {}

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    if (!Suspend(frame)) return false;
    Watch();
    return true;
  }
  absl::Status await_resume() const;

 private:
  void Watch();
  void HandleEvents(IoEvents events);
  bool Withdraw() override;

  const int fd_;
  const IoEvents interest_;
  std::optional<Channel> channel_;
  bool refused_ = false;
};

// Waits until `fd` can be read from or written to, or has ended or failed, as
// the next call on it will say. The descriptor is borrowed, non-blocking, stays
// open meanwhile, and nothing else on this loop watches it.
//
// Errors: Cancelled, at once, if the task is to stop; InvalidArgument for a
// descriptor that cannot be watched, as a plain file's.
//
// Example:
//   while (PQconsumeInput(pg) && PQisBusy(pg)) {
//     const absl::Status ready = co_await Readable(PQsocket(pg));
//     if (!ready.ok()) co_return ready;
//   }
inline ReadinessAwaiter Readable(int fd) {
  return ReadinessAwaiter(fd, IoEvents::kReadable);
}
inline ReadinessAwaiter Writable(int fd) {
  return ReadinessAwaiter(fd, IoEvents::kWritable);
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_READINESS_H_
