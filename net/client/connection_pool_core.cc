#include "net/client/connection_pool_core.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/client/pool_member.h"
#include "net/reactor/event_loop.h"

namespace rondo {

// One Acquire(), in a list until it is answered or withdrawn.
struct ConnectionPool::Core::Waiter final : Request::State {
  Waiter(Core* c, Callback cb) : core(c), callback(std::move(cb)) {}
  void Withdraw() override {
    if (core != nullptr) core->TakeOut(*this);
  }
  void Enter(Waiters& waiters, std::shared_ptr<Waiter> self) {
    list = &waiters;
    position = waiters.insert(waiters.end(), std::move(self));
  }

  Core* core;  // null when it is in no list
  Callback callback;
  Place* place = nullptr;  // null if refused
  Waiters* list = nullptr;
  Waiters::iterator position;
  uint64_t number = kNobody;  // in order of arrival
  TimerId timer;              // the deadline, or to tell it is refused
};

// A connection, in one of two lists until it has closed.
struct ConnectionPool::Core::Slot {
  Place* place;
  std::shared_ptr<PoolMember> member = nullptr;
  bool idle = false;
  MonotonicTime idle_since = {};
  std::list<Slots::iterator>::iterator in_place = {};  // if it is idle
};

// All there is of one endpoint, for as long as there is something.
struct ConnectionPool::Core::Place {
  explicit Place(const Endpoint& e) : endpoint(e) {}

  bool HasSpareDial() const { return dials.size() > waiters.size(); }
  bool HasSpareIdle() const { return idle.size() > waiters.size(); }
  size_t unmet_waiters() const {
    return HasSpareIdle() ? 0 : waiters.size() - idle.size();
  }

  void AddWaiter(std::shared_ptr<Waiter> waiter) {
    Waiter* const w = waiter.get();
    w->Enter(waiters, std::move(waiter));
    if (waiters.size() == dials.size() + 1) undialed = w->position;
  }
  // Before it leaves the list.
  void PassOver(const Waiter& waiter) {
    const bool before =
        undialed != waiters.end() && waiter.number <= (*undialed)->number;
    if (before) ++undialed;
  }
  Dials::iterator AddDial() {
    if (undialed != waiters.end()) ++undialed;
    return dials.emplace(dials.end());
  }
  void RemoveDial(Dials::iterator dial) {
    if (waiters.size() >= dials.size()) --undialed;
    dials.erase(dial);
  }

  const Endpoint endpoint;
  Waiters waiters;  // in order of arrival
  Dials dials;      // as many of the waiters, the first, have one
  Waiters::iterator undialed = waiters.end();  // the first who has none
  std::list<Slots::iterator> idle;             // the one used last is last
  size_t connections = 0;
  uint64_t next = kNobody;  // in queue_
  size_t unmet = 0;         // in unmet_
};

ConnectionPool::Core::Core(EventLoop* loop, ConnectionPoolOptions options)
    : loop_(loop),
      options_(std::move(options)),
      options_status_(options_.Check()),
      dialer_(loop, options_.dialer, PoolMember::Dispatcher()) {}

ConnectionPool::Core::~Core() = default;

size_t ConnectionPool::Core::lent() const {
  return std::ranges::count_if(
      busy_, [](const Slot& slot) { return slot.member->lent(); });
}

// What the callbacks own goes last: it may be other requests, or leases.
void ConnectionPool::Core::End() {
  ended_ = true;
  loop_->Cancel(serving_);
  loop_->Cancel(expiring_);
  for (Slot& slot : idle_) slot.member->Disown();
  for (Slot& slot : busy_) slot.member->Disown();
  Waiters forgotten = std::move(refused_);
  Dials withdrawn;
  for (auto& [text, place] : places_) {
    forgotten.splice(forgotten.end(), place->waiters);
    withdrawn.splice(withdrawn.end(), place->dials);
  }
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
  auto waiter = std::make_shared<Waiter>(this, std::move(callback));
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
  std::unique_ptr<Place>& place = places_[std::move(text)];
  if (place == nullptr) place = std::make_unique<Place>(endpoint);
  return Enqueue(*place, std::move(waiter), timeout);
}

Request ConnectionPool::Core::Refuse(std::shared_ptr<Waiter> waiter,
                                     const absl::Status& status) {
  Waiter* const w = waiter.get();
  w->Enter(refused_, waiter);
  w->timer = loop_->RunAfter(absl::ZeroDuration(),
                             [this, w, status] { Answer(*w, status); });
  return Request(waiter);
}

Request ConnectionPool::Core::Enqueue(Place& place,
                                      std::shared_ptr<Waiter> waiter,
                                      absl::Duration timeout) {
  Waiter* const w = waiter.get();
  w->place = &place;
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

std::shared_ptr<ConnectionPool::Core::Waiter> ConnectionPool::Core::TakeOut(
    Waiter& waiter) {
  if (waiter.place != nullptr) waiter.place->PassOver(waiter);
  std::shared_ptr<Waiter> taken = std::move(*waiter.position);
  waiter.list->erase(waiter.position);
  waiter.core = nullptr;
  loop_->Cancel(waiter.timer);
  if (waiter.place != nullptr) {
    --waiting_;
    Update(*waiter.place);
  }
  return taken;
}

void ConnectionPool::Core::Answer(Waiter& waiter,
                                  absl::StatusOr<PooledConnection> result) {
  const auto taken = TakeOut(waiter);
  taken->callback(std::move(result));  // which may end this
}

void ConnectionPool::Core::Expire(Waiter& waiter, absl::Duration timeout) {
  const Place& place = *waiter.place;
  ++counts_.timed_out;
  Answer(waiter, absl::DeadlineExceededError(absl::StrCat(
                     "no connection to ", place.endpoint.ToString(), " within ",
                     absl::FormatDuration(timeout), ": ", place.connections,
                     " open and ", place.dials.size(), " being dialed to it, ",
                     idle_.size() + busy_.size() + dialing_, " in all")));
}

// --- Who is served. ----------------------------------------------------------

// One that is idle is for the first; a new one, if there may be one, for the
// first for whom none is being dialed.
uint64_t ConnectionPool::Core::NextOf(const Place& place) const {
  if (place.waiters.empty()) return kNobody;
  if (!place.idle.empty()) return place.waiters.front()->number;
  if (place.undialed == place.waiters.end() ||
      place.dials.size() + place.connections >= options_.max_per_endpoint) {
    return kNobody;
  }
  return (*place.undialed)->number;
}

// After every change. Destroys a place where nothing is left.
void ConnectionPool::Core::Update(Place& place) {
  const uint64_t next = NextOf(place);
  if (next != place.next) {
    queue_.erase(std::exchange(place.next, next));
    if (next != kNobody) queue_.emplace(next, &place);
  }
  unmet_ += place.unmet_waiters() - place.unmet;  // modulo 2^64 also less
  place.unmet = place.unmet_waiters();
  if (!place.HasSpareDial()) {
    spare_dials_.erase(&place);
  } else if (spare_dials_.insert(&place).second) {
    ServeSoon();  // somebody may have waited for its room
  }
  if (place.waiters.empty() && place.dials.empty() && place.connections == 0) {
    places_.erase(places_.find(place.endpoint.ToString()));
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
  uint64_t from = kNobody;
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
      busy_, [](const Slot& slot) { return slot.member->going(); });
}

// False if there is neither one to lend nor room for a new one.
bool ConnectionPool::Core::ServeNext(Place& place) {
  if (!place.idle.empty()) {
    const Slots::iterator slot = place.idle.back();
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

void ConnectionPool::Core::Lend(Slots::iterator slot) {
  slot->member->Lend();
  if (slot->member->reused()) ++counts_.reused;
  Answer(*slot->place->waiters.front(), PooledConnection(slot->member));
}

// --- What is open. -----------------------------------------------------------

void ConnectionPool::Core::Dial(Place& place) {
  const Dials::iterator dial = place.AddDial();
  ++dialing_;
  *dial = dialer_.Dial(place.endpoint,
                       [this, &place, dial](absl::StatusOr<TcpConnection*> d) {
                         HandleDialed(place, dial, std::move(d));
                       });
  Update(place);
}

// The one that has got least far.
void ConnectionPool::Core::WithdrawDial(Place& place) {
  place.RemoveDial(std::prev(place.dials.end()));
  --dialing_;
  Update(place);
}

void ConnectionPool::Core::HandleDialed(Place& place, Dials::iterator dial,
                                        absl::StatusOr<TcpConnection*> dialed) {
  place.RemoveDial(dial);
  --dialing_;
  const auto first =
      place.waiters.empty() ? nullptr : place.waiters.front().get();
  if (dialed.ok()) {
    const Slots::iterator slot = Add(place, **dialed);
    // Not looked at before: a server may speak first.
    return first != nullptr ? Lend(slot) : BecomeIdle(slot);
  }
  // Else each who waits has one that is idle, or still being dialed.
  const bool in_vain =
      place.waiters.size() > place.idle.size() + place.dials.size();
  Update(place);
  ServeSoon();
  if (in_vain) Answer(*first, dialed.status());
}

ConnectionPool::Core::Slots::iterator ConnectionPool::Core::Add(
    Place& place, TcpConnection& connection) {
  const auto slot = busy_.insert(busy_.end(), Slot{.place = &place});
  ++place.connections;
  slot->member = PoolMember::Create(connection, [this, slot] {
    if (slot->member->connection() == nullptr) {
      Remove(slot);
    } else {
      BecomeIdle(slot);
    }
  });
  return slot;
}

void ConnectionPool::Core::Remove(Slots::iterator slot) {
  if (slot->idle) TakeFromIdle(slot);
  Place& place = *slot->place;
  busy_.erase(slot);
  --place.connections;
  Update(place);
  ServeSoon();
}

void ConnectionPool::Core::BecomeIdle(Slots::iterator slot) {
  idle_.splice(idle_.end(), busy_, slot);
  slot->idle = true;
  slot->idle_since = loop_->now();
  std::list<Slots::iterator>& idle = slot->place->idle;
  slot->in_place = idle.insert(idle.end(), slot);
  Update(*slot->place);
  ServeSoon();
  ArmIdleTimer();
}

// The caller calls Update().
void ConnectionPool::Core::TakeFromIdle(Slots::iterator slot) {
  busy_.splice(busy_.end(), idle_, slot);
  slot->idle = false;
  slot->place->idle.erase(slot->in_place);
}

// One that somebody is about to get goes only if there is no other.
ConnectionPool::Core::Slots::iterator ConnectionPool::Core::IdlestToSpare() {
  const auto found = std::ranges::find_if(
      idle_, [](const Slot& slot) { return slot.place->HasSpareIdle(); });
  return found != idle_.end() ? found : idle_.begin();
}

void ConnectionPool::Core::CloseIdle(Slots::iterator slot) {
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
