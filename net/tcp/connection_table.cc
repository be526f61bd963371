#include "net/tcp/connection_table.h"

#include <glog/logging.h>

#include <utility>

#include "net/reactor/event_loop.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

ConnectionTable::~ConnectionTable() = default;

void ConnectionTable::Adopt(std::unique_ptr<TcpConnection> connection) {
  DCHECK(loop_->IsInLoopThread());
  TcpConnection* const c = connection.get();
  c->table_index_ = connections_.size();
  connections_.push_back(std::move(connection));
  c->Begin();
}

void ConnectionTable::Release(TcpConnection* connection) {
  const size_t index = connection->table_index_;
  loop_->DeferDelete(std::move(connections_[index]));
  if (index + 1 < connections_.size()) {  // the last one takes its place
    connections_[index] = std::move(connections_.back());
    connections_[index]->table_index_ = index;
  }
  connections_.pop_back();
}

void ConnectionTable::CloseAll(const ConnectionGroup* group,
                               CloseReason reason) {
  CloseIf([group](const TcpConnection& c) { return c.group() == group; },
          reason);
}

void ConnectionTable::OnLoopEnd() {
  CloseIf([](const TcpConnection&) { return true; }, CloseReason::kLoopEnded);
}

void ConnectionTable::CloseIf(
    absl::FunctionRef<bool(const TcpConnection&)> ends, CloseReason reason) {
  // A copy: ending a connection takes it out of the table, and its callback
  // may end others. None is destroyed before the end of the turn.
  std::vector<TcpConnection*> ending;
  for (const auto& c : connections_) {
    if (ends(*c)) ending.push_back(c.get());
  }
  for (TcpConnection* c : ending) c->EndNow(reason);
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
