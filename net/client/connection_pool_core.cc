#include "net/client/connection_pool_core.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/client/pool_member.h"
#include "net/reactor/event_loop.h"

namespace rondo {

ConnectionPool::Core::Core(EventLoop* loop, ConnectionPoolOptions options)
    : loop_(loop),
      options_(std::move(options)),
      options_status_(options_.Check()),
      dialer_(loop, options_.dialer, PoolMember::Dispatcher()) {}

ConnectionPool::Core::~Core() = default;

size_t ConnectionPool::Core::lent() const {
  return std::ranges::count_if(
      busy_, [](const PoolSlot& slot) { return slot.member->lent(); });
}

// What the callbacks own goes last: it may be other requests, or leases.
void ConnectionPool::Core::End() {
  ended_ = true;
  loop_->Cancel(serving_);
  loop_->Cancel(expiring_);
  for (PoolSlot& slot : idle_) slot.member->Disown();
  for (PoolSlot& slot : busy_) slot.member->Disown();
  PoolWaiter::List forgotten = std::move(refused_);
  PoolPlace::Dials withdrawn;
  for (auto& [text, place] : places_) place->GiveUp(forgotten, withdrawn);
  for (const auto& waiter : forgotten) {
    waiter->core = nullptr;
    loop_->Cancel(waiter->timer);
  }
}

// --- Who waits. --------------------------------------------------------------

Request ConnectionPool::Core::Acquire(const Endpoint& endpoint,
                                      absl::Duration timeout,
                                      Callback callback) {
  DCHECK(loop_->IsInLoopThread());
  if (ended_) return Request();  // by what a forgotten callback owned
  auto waiter = std::make_shared<PoolWaiter>(this, std::move(callback));
  if (!options_status_.ok()) {
    return Refuse(std::move(waiter), options_status_);
  }
  std::string text = endpoint.ToString();
  const auto found = places_.find(text);
  const bool must_wait =
      found == places_.end() || !found->second->HasSpareIdle();
  if (must_wait && unmet_ >= options_.max_waiting) {
    ++counts_.refused;
    return Refuse(std::move(waiter),
                  absl::ResourceExhaustedError(absl::StrCat(
                      "no connection to ", text, ": ", unmet_,
                      " wait for one already, as many as max_waiting")));
  }
  std::unique_ptr<PoolPlace>& place = places_[std::move(text)];
  if (place == nullptr) place = std::make_unique<PoolPlace>(endpoint);
  return Enqueue(*place, std::move(waiter), timeout);
}

Request ConnectionPool::Core::Refuse(std::shared_ptr<PoolWaiter> waiter,
                                     const absl::Status& status) {
  PoolWaiter* const w = waiter.get();
  w->Enter(refused_, waiter);
  w->timer = loop_->RunAfter(absl::ZeroDuration(),
                             [this, w, status] { Answer(*w, status); });
  return Request(waiter);
}

Request ConnectionPool::Core::Enqueue(PoolPlace& place,
                                      std::shared_ptr<PoolWaiter> waiter,
                                      absl::Duration timeout) {
  PoolWaiter* const w = waiter.get();
  w->number = ++last_number_;
  place.AddWaiter(waiter);
  ++waiting_;
  Update(place);
  ServeSoon();  // before the deadline, even if that is now
  if (timeout != absl::InfiniteDuration()) {
    w->timer =
        loop_->RunAfter(timeout, [this, w, timeout] { Expire(*w, timeout); });
  }
  return Request(waiter);
}

std::shared_ptr<PoolWaiter> ConnectionPool::Core::TakeOut(PoolWaiter& waiter) {
  loop_->Cancel(waiter.timer);
  if (waiter.place == nullptr) return waiter.Leave();
  std::shared_ptr<PoolWaiter> taken = waiter.place->RemoveWaiter(waiter);
  --waiting_;
  Update(*waiter.place);
  return taken;
}

void ConnectionPool::Core::Answer(PoolWaiter& waiter,
                                  absl::StatusOr<PooledConnection> result) {
  const auto taken = TakeOut(waiter);
  taken->callback(std::move(result));  // which may end this
}

void ConnectionPool::Core::Expire(PoolWaiter& waiter, absl::Duration timeout) {
  const PoolPlace& place = *waiter.place;
  ++counts_.timed_out;
  Answer(waiter,
         absl::DeadlineExceededError(absl::StrCat(
             "no connection to ", place.endpoint().ToString(), " within ",
             absl::FormatDuration(timeout), ": ", place.connections(),
             " open and ", place.dials().size(), " being dialed to it, ",
             idle_.size() + busy_.size() + dialing_, " in all")));
}

// --- Who is served. ----------------------------------------------------------

// After every change. Destroys a place where nothing is left.
void ConnectionPool::Core::Update(PoolPlace& place) {
  PoolPlace::Noted& noted = place.noted();
  const uint64_t next = place.Next(options_.max_per_endpoint);
  if (next != noted.next) {
    queue_.erase(std::exchange(noted.next, next));
    if (next != PoolWaiter::kNobody) queue_.emplace(next, &place);
  }
  const size_t unmet = place.unmet_waiters();
  unmet_ += unmet - noted.unmet_waiters;  // modulo 2^64 also less
  noted.unmet_waiters = unmet;
  if (!place.HasSpareDial()) {
    spare_dials_.erase(&place);
  } else if (spare_dials_.insert(&place).second) {
    ServeSoon();  // somebody may have waited for its room
  }
  if (place.HasNothing()) {
    places_.erase(places_.find(place.endpoint().ToString()));
  }
}

void ConnectionPool::Core::ServeSoon() {
  if (serving_armed_ || queue_.empty()) return;
  serving_armed_ = true;
  serving_ = loop_->RunAfter(absl::ZeroDuration(), [this] {
    serving_armed_ = false;
    Serve();
  });
}

// Those who come meanwhile are for the next time, or this might never end. Who
// finds no room gets that of a dial which nobody waits for any more, or counts
// on that of a connection that is going: when it has gone, this is called
// again.
void ConnectionPool::Core::Serve() {
  const uint64_t last = last_number_;
  uint64_t from = PoolWaiter::kNobody;
  size_t going = CountGoing();
  for (int served = 0; !ended_; ++served) {
    const auto next = queue_.lower_bound(from);
    if (next == queue_.end() || next->first > last) return;
    if (served == kMaxServedPerTurn) return ServeSoon();
    from = next->first;
    const uint64_t stale = counts_.stale;
    if (ServeNext(*next->second)) {
      going += counts_.stale - stale;
    } else if (!spare_dials_.empty()) {
      WithdrawDial(**spare_dials_.begin());
    } else if (going > 0) {
      --going;
      ++from;
    } else if (!idle_.empty()) {
      ++counts_.evicted;
      CloseIdle(IdlestToSpare());
      ++going;
    } else {
      return;
    }
  }
}

size_t ConnectionPool::Core::CountGoing() const {
  return std::ranges::count_if(
      busy_, [](const PoolSlot& slot) { return slot.member->going(); });
}

// False if there is neither one to lend nor room for a new one.
bool ConnectionPool::Core::ServeNext(PoolPlace& place) {
  if (!place.idle().empty()) {
    const Slot slot = place.idle().back();
    TakeFromIdle(slot);
    if (slot->member->connection()->IsAtRest()) {
      Lend(slot);
    } else {
      ++counts_.stale;
      slot->member->Leave();
      Update(place);
    }
    return true;
  }
  if (idle_.size() + busy_.size() + dialing_ >= options_.max_total) {
    return false;
  }
  Dial(place);
  return true;
}

void ConnectionPool::Core::Lend(Slot slot) {
  slot->member->Lend();
  if (slot->member->reused()) ++counts_.reused;
  Answer(*slot->place->waiters().front(), PooledConnection(slot->member));
}

// --- What is open. -----------------------------------------------------------

void ConnectionPool::Core::Dial(PoolPlace& place) {
  const PoolPlace::Dials::iterator dial = place.AddDial();
  ++dialing_;
  *dial = dialer_.Dial(place.endpoint(),
                       [this, &place, dial](absl::StatusOr<TcpConnection*> d) {
                         HandleDialed(place, dial, std::move(d));
                       });
  Update(place);
}

void ConnectionPool::Core::WithdrawDial(PoolPlace& place) {
  place.RemoveLastDial();
  --dialing_;
  Update(place);
}

void ConnectionPool::Core::HandleDialed(PoolPlace& place,
                                        PoolPlace::Dials::iterator dial,
                                        absl::StatusOr<TcpConnection*> dialed) {
  place.RemoveDial(dial);
  --dialing_;
  const auto first =
      place.waiters().empty() ? nullptr : place.waiters().front().get();
  if (dialed.ok()) {
    const Slot slot = Add(place, **dialed);
    // Not looked at before: a server may speak first.
    return first != nullptr ? Lend(slot) : BecomeIdle(slot);
  }
  // Else each who waits has one that is idle, or still being dialed.
  const bool in_vain =
      place.waiters().size() > place.idle().size() + place.dials().size();
  Update(place);
  ServeSoon();
  if (in_vain) Answer(*first, dialed.status());
}

ConnectionPool::Core::Slot ConnectionPool::Core::Add(
    PoolPlace& place, TcpConnection& connection) {
  const auto slot = busy_.insert(busy_.end(), PoolSlot{.place = &place});
  place.AddConnection();
  slot->member = PoolMember::Create(connection, [this, slot] {
    if (slot->member->connection() == nullptr) {
      Remove(slot);
    } else {
      BecomeIdle(slot);
    }
  });
  return slot;
}

void ConnectionPool::Core::Remove(Slot slot) {
  if (slot->idle) TakeFromIdle(slot);
  PoolPlace& place = *slot->place;
  busy_.erase(slot);
  place.RemoveConnection();
  Update(place);
  ServeSoon();
}

void ConnectionPool::Core::BecomeIdle(Slot slot) {
  idle_.splice(idle_.end(), busy_, slot);
  slot->idle = true;
  slot->idle_since = loop_->now();
  slot->place->AddIdle(slot);
  Update(*slot->place);
  ServeSoon();
  ArmIdleTimer();
}

// The caller calls Update().
void ConnectionPool::Core::TakeFromIdle(Slot slot) {
  busy_.splice(busy_.end(), idle_, slot);
  slot->idle = false;
  slot->place->RemoveIdle(slot);
}

// One that somebody is about to get goes only if there is no other.
ConnectionPool::Core::Slot ConnectionPool::Core::IdlestToSpare() {
  const auto found = std::ranges::find_if(
      idle_, [](const PoolSlot& slot) { return slot.place->HasSpareIdle(); });
  return found != idle_.end() ? found : idle_.begin();
}

void ConnectionPool::Core::CloseIdle(Slot slot) {
  TakeFromIdle(slot);
  slot->member->Leave();
  Update(*slot->place);
}

// Those who wait are served first.
void ConnectionPool::Core::CloseExpired() {
  if (serving_armed_) {
    loop_->Cancel(serving_);
    serving_armed_ = false;
    Serve();
    if (ended_) return;
  }
  const MonotonicTime now = loop_->now();
  while (!idle_.empty() &&
         idle_.front().idle_since + options_.idle_timeout <= now) {
    ++counts_.expired;
    CloseIdle(idle_.begin());
  }
  ArmIdleTimer();
}

// For the one that expires first. If that is lent meanwhile, the timer finds
// another, or nothing to do.
void ConnectionPool::Core::ArmIdleTimer() {
  if (expiring_armed_ || idle_.empty() ||
      options_.idle_timeout == absl::InfiniteDuration()) {
    return;
  }
  expiring_armed_ = true;
  expiring_ =
      loop_->RunAt(idle_.front().idle_since + options_.idle_timeout, [this] {
        expiring_armed_ = false;
        CloseExpired();
      });
}

}  // namespace rondo
