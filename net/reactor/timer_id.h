#ifndef RONDO_NET_REACTOR_TIMER_ID_H_
#define RONDO_NET_REACTOR_TIMER_ID_H_

#include <cstdint>

namespace rondo {

// Names one arming of one timer of one loop. A plain value: copying is free,
// and cancelling twice, after expiry, or with TimerId{} does nothing.
class TimerId {
 public:
  constexpr TimerId() = default;

  friend constexpr bool operator==(TimerId, TimerId) = default;

 private:
  friend class TimerQueue;
  constexpr TimerId(uint32_t slot, uint64_t generation)
      : generation_(generation), slot_(slot) {}

  uint64_t generation_ = 0;  // no timer has generation 0
  uint32_t slot_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_TIMER_ID_H_
