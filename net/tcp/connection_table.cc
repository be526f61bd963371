#include "net/tcp/connection_table.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "net/reactor/event_loop.h"
#include "net/tcp/lingering_close.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

namespace {

// Takes the member at `index` out; the last one takes its place.
template <typename T, typename SetIndex>
std::unique_ptr<T> TakeOut(std::vector<std::unique_ptr<T>>& from, size_t index,
                           SetIndex set_index) {
  std::unique_ptr<T> taken = std::move(from[index]);
  if (index + 1 < from.size()) {
    from[index] = std::move(from.back());
    set_index(*from[index]);
  }
  from.pop_back();
  return taken;
}

}  // namespace

ConnectionTable::ConnectionTable(EventLoop* loop)
    : loop_(loop), memory_(MemoryBudget::Process()) {}

ConnectionTable::~ConnectionTable() = default;

TcpConnection& ConnectionTable::Open(Socket socket, InetAddress peer,
                                     ConnectionMembership membership) {
  auto connection = std::make_unique<TcpConnection>(
      this, std::make_unique<Transport>(std::move(socket)), std::move(peer),
      std::move(membership));
  TcpConnection& result = *connection;
  Adopt(std::move(connection));
  return result;
}

void ConnectionTable::Adopt(std::unique_ptr<TcpConnection> connection) {
  DCHECK(loop_->IsInLoopThread());
  TcpConnection* const c = connection.get();
  c->table_index_ = connections_.size();
  connections_.push_back(std::move(connection));
  c->Begin();
}

void ConnectionTable::Release(TcpConnection* connection) {
  const size_t index = connection->table_index_;
  loop_->DeferDelete(TakeOut(connections_, index, [&](TcpConnection& moved) {
    moved.table_index_ = index;
  }));
}

void ConnectionTable::Linger(std::unique_ptr<Transport> transport,
                             ConnectionMembership membership,
                             absl::Duration timeout) {
  auto lingering = std::make_unique<LingeringClose>(
      this, std::move(transport), std::move(membership), timeout);
  lingering->table_index_ = lingering_.size();
  lingering_.push_back(std::move(lingering));
}

void ConnectionTable::Release(LingeringClose* lingering) {
  // Its time and its peer's FIN may come in one turn.
  if (std::exchange(lingering->released_, true)) return;
  const size_t index = lingering->table_index_;
  loop_->DeferDelete(TakeOut(lingering_, index, [&](LingeringClose& moved) {
    moved.table_index_ = index;
  }));
}

void ConnectionTable::Drain(const std::shared_ptr<ConnectionGroup>& group,
                            absl::Duration grace) {
  for (TcpConnection* c : Members(group.get())) c->StartDrain();
  if (grace == absl::InfiniteDuration()) return;
  loop_->RunAfter(grace, [this, weak = std::weak_ptr(group)] {
    const auto left = weak.lock();
    if (left != nullptr) CloseAll(left.get(), CloseReason::kServerStopped);
  });
}

void ConnectionTable::CloseAll(const ConnectionGroup* group,
                               CloseReason reason) {
  for (TcpConnection* c : Members(group)) c->EndNow(reason);
  for (size_t i = lingering_.size(); i-- > 0;) {
    if (lingering_[i]->group() == group) Release(lingering_[i].get());
  }
  if (group->callbacks().on_stop) group->callbacks().on_stop(loop_);
}

void ConnectionTable::OnLoopEnd() {
  for (TcpConnection* c : Members(nullptr)) {
    c->EndNow(CloseReason::kLoopEnded);
  }
  while (!lingering_.empty()) Release(lingering_.back().get());
}

// A copy: what callers do takes connections out of the table, and callbacks may
// do it to others. None is destroyed before the end of the turn.
std::vector<TcpConnection*> ConnectionTable::Members(
    const ConnectionGroup* group) const {
  std::vector<TcpConnection*> members;
  for (const auto& c : connections_) {
    if (group == nullptr || c->group() == group) members.push_back(c.get());
  }
  return members;
}

void ConnectionTable::AwaitMemory() {
  if (awaits_memory_) return;
  awaits_memory_ = true;
  memory_low_since_ = loop_->now();
  loop_->RunAfter(kMemoryRecheck, [this] { RecheckMemory(); });
}

void ConnectionTable::RecheckMemory() {
  if (memory_.budget().recovered()) {
    awaits_memory_ = false;
    for (const auto& c : connections_) {
      c->Resume(TcpConnection::kPausedForMemory);
    }
    return;
  }
  if (loop_->now() - memory_low_since_ >= kMemoryPatience) {
    memory_low_since_ = loop_->now();
    EndLargest();
  }
  loop_->RunAfter(kMemoryRecheck, [this] { RecheckMemory(); });
}

void ConnectionTable::EndLargest() {
  const auto largest = std::ranges::max_element(
      connections_, {}, [](const auto& c) { return c->held_bytes_; });
  if (largest == connections_.end() || (*largest)->held_bytes_ == 0) return;
  (*largest)->EndNow(CloseReason::kMemoryLimit);
}

void ConnectionTable::SettleLater(TcpConnection* connection) {
  to_settle_.push_back(connection);
  loop_->FlushSoon();
}

void ConnectionTable::FlushTurn() {
  settling_.swap(to_settle_);
  for (TcpConnection* c : settling_) c->SettleInFlush();
  settling_.clear();
}

}  // namespace rondo
