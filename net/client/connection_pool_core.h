#ifndef RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_
#define RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "net/client/connection_pool.h"
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
  struct Waiter;
  struct Slot;
  struct Place;
  using Waiters = std::list<std::shared_ptr<Waiter>>;
  using Slots = std::list<Slot>;
  using Dials = std::list<Request>;

  static constexpr uint64_t kNobody = 0;
  // Who is served between two turns of the loop.
  static constexpr int kMaxServedPerTurn = 256;

  Request Refuse(std::shared_ptr<Waiter> waiter, const absl::Status& status);
  Request Enqueue(Place& place, std::shared_ptr<Waiter> waiter,
                  absl::Duration timeout);
  std::shared_ptr<Waiter> TakeOut(Waiter& waiter);
  void Answer(Waiter& waiter, absl::StatusOr<PooledConnection> result);
  void Expire(Waiter& waiter, absl::Duration timeout);

  uint64_t NextOf(const Place& place) const;
  void Update(Place& place);
  void ServeSoon();
  void Serve();
  bool ServeNext(Place& place);
  size_t CountGoing() const;
  void Lend(Slots::iterator slot);

  void Dial(Place& place);
  void WithdrawDial(Place& place);
  void HandleDialed(Place& place, Dials::iterator dial,
                    absl::StatusOr<TcpConnection*> dialed);
  Slots::iterator Add(Place& place, TcpConnection& connection);
  void Remove(Slots::iterator slot);

  void BecomeIdle(Slots::iterator slot);
  void TakeFromIdle(Slots::iterator slot);
  Slots::iterator IdlestToSpare();
  void CloseIdle(Slots::iterator slot);
  void CloseExpired();
  void ArmIdleTimer();

  EventLoop* const loop_;
  const ConnectionPoolOptions options_;
  const absl::Status options_status_;

  Dialer dialer_;
  bool ended_ = false;
  std::unordered_map<std::string, std::unique_ptr<Place>>
      places_;          // by the endpoint's text
  Waiters refused_;     // to be told so
  size_t waiting_ = 0;  // in all places
  size_t unmet_ = 0;    // of them, those for whom none is idle
  uint64_t last_number_ = kNobody;
  size_t dialing_ = 0;  // in all places
  Slots idle_;          // the one that has been so for longest first
  Slots busy_;          // the others
  Counts counts_;

  // By the number of the waiter who is next there, all places where one can be
  // served unless the total forbids it.
  std::map<uint64_t, Place*> queue_;
  std::set<Place*> spare_dials_;  // where more is dialed than there are waiters
  TimerId serving_;
  bool serving_armed_ = false;
  TimerId expiring_;
  bool expiring_armed_ = false;
};

}  // namespace rondo

#endif  // RONDO_NET_CLIENT_CONNECTION_POOL_CORE_H_
