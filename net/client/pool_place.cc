#include "net/client/pool_place.h"

#include <iterator>
#include <utility>

namespace rondo {

bool PoolPlace::HasNothing() const {
  return waiters_.empty() && dials_.empty() && connections_ == 0;
}

size_t PoolPlace::unmet_waiters() const {
  return HasSpareIdle() ? 0 : waiters_.size() - idle_.size();
}

// One that is idle is for the first; a new one, if there may be one, for the
// first for whom none is being dialed.
uint64_t PoolPlace::Next(size_t max_connections) const {
  if (waiters_.empty()) return PoolWaiter::kNobody;
  if (!idle_.empty()) return waiters_.front()->number;
  if (undialed_ == waiters_.end() ||
      dials_.size() + connections_ >= max_connections) {
    return PoolWaiter::kNobody;
  }
  return (*undialed_)->number;
}

void PoolPlace::AddWaiter(std::shared_ptr<PoolWaiter> waiter) {
  PoolWaiter* const w = waiter.get();
  w->place = this;
  w->Enter(waiters_, std::move(waiter));
  if (waiters_.size() == dials_.size() + 1) undialed_ = w->position;
}

std::shared_ptr<PoolWaiter> PoolPlace::RemoveWaiter(PoolWaiter& waiter) {
  const bool before =
      undialed_ != waiters_.end() && waiter.number <= (*undialed_)->number;
  if (before) ++undialed_;
  return waiter.Leave();
}

PoolPlace::Dials::iterator PoolPlace::AddDial() {
  if (undialed_ != waiters_.end()) ++undialed_;
  return dials_.emplace(dials_.end());
}

void PoolPlace::RemoveDial(Dials::iterator dial) {
  if (waiters_.size() >= dials_.size()) --undialed_;
  dials_.erase(dial);
}

void PoolPlace::RemoveLastDial() { RemoveDial(std::prev(dials_.end())); }

void PoolPlace::AddIdle(PoolSlot::List::iterator slot) {
  slot->in_place = idle_.insert(idle_.end(), slot);
}

void PoolPlace::GiveUp(PoolWaiter::List& waiters, Dials& dials) {
  waiters.splice(waiters.end(), waiters_);
  dials.splice(dials.end(), dials_);
}

}  // namespace rondo
