#ifndef RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_
#define RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "net/client/connection_pool.h"
#include "net/client/pool_place.h"
#include "net/client/pool_slot.h"
#include "net/client/pool_waiter.h"
#include "net/reactor/timer_id.h"

namespace rondo {

// What a ConnectionPool does.
//
// Waiters are served in Serve(), by a timer, or when what was dialed for them
// has come of it. All else only changes who is to be served, and so no callback
// runs inside the user's calls.
class ConnectionPool::Core {
 public:
  Core(EventLoop* loop, ConnectionPoolOptions options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  Request Acquire(const Endpoint& endpoint, absl::Duration timeout,
                  Callback callback);
  // What destroying the pool does at once. This object goes at the end of the
  // turn, for one of its functions may be running.
  void End();

  size_t idle() const { return idle_.size(); }
  size_t lent() const;
  size_t dialing() const { return dialing_; }
  size_t waiting() const { return waiting_; }
  const Counts& counts() const { return counts_; }

 private:
  friend struct PoolWaiter;
  // In idle_ or in busy_.
  using Slot = PoolSlot::List::iterator;

  // Who is served between two turns of the loop.
  static constexpr int kMaxServedPerTurn = 256;

  Request Refuse(std::shared_ptr<PoolWaiter> waiter,
                 const absl::Status& status);
  Request Enqueue(PoolPlace& place, std::shared_ptr<PoolWaiter> waiter,
                  absl::Duration timeout);
  std::shared_ptr<PoolWaiter> TakeOut(PoolWaiter& waiter);
  void Answer(PoolWaiter& waiter, absl::StatusOr<PooledConnection> result);
  void Expire(PoolWaiter& waiter, absl::Duration timeout);

  void Update(PoolPlace& place);
  void ServeSoon();
  void Serve();
  bool ServeNext(PoolPlace& place);
  size_t CountGoing() const;
  void Lend(Slot slot);

  void Dial(PoolPlace& place);
  void WithdrawDial(PoolPlace& place);
  void HandleDialed(PoolPlace& place, PoolPlace::Dials::iterator dial,
                    absl::StatusOr<TcpConnection*> dialed);
  Slot Add(PoolPlace& place, TcpConnection& connection);
  void Remove(Slot slot);

  void BecomeIdle(Slot slot);
  void TakeFromIdle(Slot slot);
  Slot IdlestToSpare();
  void CloseIdle(Slot slot);
  void CloseExpired();
  void ArmIdleTimer();

  EventLoop* const loop_;
  const ConnectionPoolOptions options_;
  const absl::Status options_status_;

  Dialer dialer_;
  bool ended_ = false;
  std::unordered_map<std::string, std::unique_ptr<PoolPlace>>
      places_;                // by the endpoint's text
  PoolWaiter::List refused_;  // to be told so
  size_t waiting_ = 0;        // in all places
  size_t unmet_ = 0;          // of them, those for whom none is idle
  uint64_t last_number_ = PoolWaiter::kNobody;
  size_t dialing_ = 0;   // in all places
  PoolSlot::List idle_;  // the one that has been so for longest first
  PoolSlot::List busy_;  // the others
  Counts counts_;

  // By the number of the waiter who is next there, all places where one can be
  // served unless the total forbids it.
  std::map<uint64_t, PoolPlace*> queue_;
  // Where more is dialed than there are waiters.
  std::set<PoolPlace*> spare_dials_;
  TimerId serving_;
  bool serving_armed_ = false;
  TimerId expiring_;
  bool expiring_armed_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_
