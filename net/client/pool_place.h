#ifndef RONDO_NET_CLIENT_POOL_PLACE_H_
#define RONDO_NET_CLIENT_POOL_PLACE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

#include "net/client/endpoint.h"
#include "net/client/pool_slot.h"
#include "net/client/pool_waiter.h"
#include "net/client/request.h"

namespace rondo {

// All there is of one endpoint of a ConnectionPool, for as long as there is
// something: who waits, what is being dialed, what is open.
//
// Threading: the loop's thread only.
class PoolPlace {
 public:
  using Dials = std::list<Request>;
  using Idle = std::list<PoolSlot::List::iterator>;

  // What the pool knows of it, to see what has changed.
  struct Noted {
    uint64_t next = PoolWaiter::kNobody;
    size_t unmet_waiters = 0;
  };

  explicit PoolPlace(const Endpoint& endpoint) : endpoint_(endpoint) {}
  PoolPlace(const PoolPlace&) = delete;
  PoolPlace& operator=(const PoolPlace&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  Noted& noted() { return noted_; }

  // In order of arrival.
  const PoolWaiter::List& waiters() const { return waiters_; }
  // As many of the waiters, the first, have one.
  const Dials& dials() const { return dials_; }
  // The one used last is last.
  const Idle& idle() const { return idle_; }
  size_t connections() const { return connections_; }

  bool HasNothing() const;
  bool HasSpareDial() const { return dials_.size() > waiters_.size(); }
  bool HasSpareIdle() const { return idle_.size() > waiters_.size(); }
  // Those for whom none is idle.
  size_t unmet_waiters() const;
  // The number of the one who is to be served next, if there may be so many
  // connections, or kNobody.
  uint64_t Next(size_t max_connections) const;

  void AddWaiter(std::shared_ptr<PoolWaiter> waiter);
  std::shared_ptr<PoolWaiter> RemoveWaiter(PoolWaiter& waiter);

  Dials::iterator AddDial();
  void RemoveDial(Dials::iterator dial);
  // The one that has got least far.
  void RemoveLastDial();

  void AddConnection() { ++connections_; }
  void RemoveConnection() { --connections_; }
  void AddIdle(PoolSlot::List::iterator slot);
  void RemoveIdle(PoolSlot::List::iterator slot) {
    idle_.erase(slot->in_place);
  }

  // Hands over who waits and what is being dialed, and is not to be used any
  // more.
  void GiveUp(PoolWaiter::List& waiters, Dials& dials);

 private:
  const Endpoint endpoint_;
  Noted noted_;
  PoolWaiter::List waiters_;
  Dials dials_;
  PoolWaiter::List::iterator undialed_ = waiters_.end();  // who has none
  Idle idle_;
  size_t connections_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_POOL_PLACE_H_
