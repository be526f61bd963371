#ifndef RONDO_NET_REACTOR_POLLER_H_
#define RONDO_NET_REACTOR_POLLER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/reactor/io_events.h"

namespace rondo {

// A descriptor as the poller knows it. The generation tells apart two that had
// the same number one after the other.
struct WatchedFd {
  int fd;
  uint32_t generation;
};

struct ReadyEvent {
  WatchedFd watched;
  IoEvents events;
};

// Asks the kernel which descriptors are ready. One interface, several system
// calls: epoll (default), poll, select; io_uring can join them.
//
// All report levels: what stays ready is reported again. Those that can report
// edges do so for kOncePerEdge. Closing a descriptor needs Forget() first.
// select knows neither kHangup nor kError: it hears of a peer's end only where
// it waits to read or write.
//
// Threading: the loop's thread only.
// Ownership: owns no descriptor it watches.
// Errors: Update() returns a Status that names the descriptor and the remedy.
class Poller {
 public:
  virtual ~Poller() = default;

  virtual std::string_view name() const = 0;

  // Whether kOncePerEdge has an effect.
  virtual bool reports_edges() const { return false; }

  // Changes what is watched. Either side may be kNone, which is how a
  // descriptor comes in and goes out.
  virtual absl::Status Update(WatchedFd watched, IoEvents from,
                              IoEvents to) = 0;

  // Drops a descriptor whose only holder closes it next, which spares epoll a
  // system call (epoll(7), question 6).
  virtual void Forget(WatchedFd watched) = 0;

  // Waits up to `timeout`, in nanoseconds where the kernel can, and appends
  // what is ready. A signal ends the wait early, with nothing.
  virtual void Wait(absl::Duration timeout, std::vector<ReadyEvent>& ready) = 0;
};

// The backends by name: "epoll", "poll", "select". Any other name is an
// InvalidArgument that lists these.
absl::StatusOr<std::unique_ptr<Poller>> NewPoller(std::string_view name);

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_POLLER_H_
