#ifndef RONDO_NET_CLIENT_POOL_SLOT_H_
#define RONDO_NET_CLIENT_POOL_SLOT_H_

#include <list>
#include <memory>

#include "base/clock.h"
#include "net/client/pool_member.h"

namespace rondo {

class PoolPlace;

// A connection of a ConnectionPool, in one of its two lists until it has
// closed.
struct PoolSlot {
  using List = std::list<PoolSlot>;

  PoolPlace* place;
  std::shared_ptr<PoolMember> member = nullptr;
  bool idle = false;
  MonotonicTime idle_since = {};
  std::list<List::iterator>::iterator in_place = {};  // if it is idle
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_POOL_SLOT_H_
