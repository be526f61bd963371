#ifndef RONDO_NET_REACTOR_EVENT_LOOP_OPTIONS_H_
#define RONDO_NET_REACTOR_EVENT_LOOP_OPTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "base/clock.h"

namespace rondo {

struct EventLoopOptions {
  static constexpr absl::Duration kDefaultStallLimit = absl::Milliseconds(100);

  std::string name = "loop";     // in log lines; an EventLoopThread sets it
  std::string poller = "epoll";  // or "poll", "select"
  const Clock* clock = nullptr;  // null: Clock::Real(); borrowed
  // Of one turn: what is due beyond them waits until the others have had
  // theirs. At least 1.
  int max_timers_per_turn = 1'024;
  int max_tasks_per_turn = 1'024;
  // A callback that takes longer is logged and counted, see StallWatch.
  // Infinite, zero or less: none is.
  absl::Duration stall_limit = kDefaultStallLimit;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_EVENT_LOOP_OPTIONS_H_
