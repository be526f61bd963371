#ifndef RONDO_NET_CLIENT_POOL_WAITER_H_
#define RONDO_NET_CLIENT_POOL_WAITER_H_

#include <cstdint>
#include <list>
#include <memory>

#include "net/client/connection_pool.h"
#include "net/client/request.h"
#include "net/reactor/timer_id.h"

namespace rondo {

class PoolPlace;

// One ConnectionPool::Acquire(), in a list until it is answered or withdrawn.
//
// Threading: the loop's thread only.
// Ownership: the list's.
struct PoolWaiter final : Request::State {
  using List = std::list<std::shared_ptr<PoolWaiter>>;

  static constexpr uint64_t kNobody = 0;

  PoolWaiter(ConnectionPool::Core* core, ConnectionPool::Callback callback);

  void Withdraw() override;
  void Enter(List& waiters, std::shared_ptr<PoolWaiter> self);
  // The list's share of it.
  std::shared_ptr<PoolWaiter> Leave();

  ConnectionPool::Core* core;  // null when it is in no list
  ConnectionPool::Callback callback;
  PoolPlace* place = nullptr;  // null if refused
  List* list = nullptr;
  List::iterator position;
  uint64_t number = kNobody;  // in order of arrival
  TimerId timer;              // the deadline, or to tell it is refused
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_POOL_WAITER_H_
