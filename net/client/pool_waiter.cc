#include "net/client/pool_waiter.h"

#include <utility>

#include "net/client/connection_pool_core.h"

namespace rondo {

PoolWaiter::PoolWaiter(ConnectionPool::Core* c, ConnectionPool::Callback cb)
    : core(c), callback(std::move(cb)) {}

void PoolWaiter::Withdraw() {
  if (core != nullptr) core->TakeOut(*this);
}

void PoolWaiter::Enter(List& waiters, std::shared_ptr<PoolWaiter> self) {
  list = &waiters;
  position = waiters.insert(waiters.end(), std::move(self));
}

std::shared_ptr<PoolWaiter> PoolWaiter::Leave() {
  std::shared_ptr<PoolWaiter> self = std::move(*position);
  list->erase(position);
  core = nullptr;
  return self;
}

}  // namespace rondo
