#include "net/tcp/connection_deadlines.h"

#include <algorithm>
#include <utility>

#include "net/reactor/event_loop.h"

namespace rondo {

void ConnectionDeadlines::ForEach(
    State state, absl::FunctionRef<void(MonotonicTime, Due)> visit) const {
  const MonotonicTime end = opened_at_ + limits_.max_lifetime;
  if (!state.closing) {
    if (!first_byte_came_) {
      visit(opened_at_ + limits_.first_byte_timeout,
            {CloseReason::kFirstByteTimeout, false});
    }
    visit(expected_by_, {CloseReason::kExpectationTimeout, false});
    visit(moved_at_ + limits_.idle_timeout, {CloseReason::kIdleTimeout, false});
    visit(end, {CloseReason::kLifetimeEnded, false});
    if (draining() && state.quiet) {
      visit(std::max(moved_at_, not_quiet_at_) + limits_.drain_quiet_time,
            {CloseReason::kDrained, false});
    }
  }
  if (output_waits()) {
    visit(output_moved_at_ + limits_.write_stall_timeout,
          {CloseReason::kWriteStalled, true});
  }
  visit(end + limits_.write_stall_timeout, {CloseReason::kLifetimeEnded, true});
}

std::optional<ConnectionDeadlines::Due> ConnectionDeadlines::Overdue(
    MonotonicTime now, State state) const {
  std::optional<Due> result;
  MonotonicTime first = kNever;
  ForEach(state, [&](MonotonicTime when, Due due) {
    if (when > now || when >= first) return;
    first = when;
    result = due;
  });
  return result;
}

void ConnectionDeadlines::Arm(EventLoop* loop, State state,
                              absl::AnyInvocable<void()> look) {
  MonotonicTime next = kNever;
  ForEach(state, [&](MonotonicTime when, Due) { next = std::min(next, when); });
  if (next >= armed_for_) return;
  loop->Cancel(timer_);
  timer_ = loop->RunAt(next, std::move(look));
  armed_for_ = next;
}

void ConnectionDeadlines::Disarm(EventLoop* loop) {
  if (armed_for_ != kNever) loop->Cancel(timer_);
  armed_for_ = kNever;
}

}  // namespace rondo
