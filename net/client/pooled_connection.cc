#include "net/client/pooled_connection.h"

#include <utility>

#include "net/client/pool_member.h"

namespace rondo {

PooledConnection::PooledConnection(std::shared_ptr<PoolMember> member)
    : member_(std::move(member)) {}

PooledConnection::PooledConnection(PooledConnection&& other) noexcept
    : member_(std::move(*other.member_)) {}

// In these, what is abandoned may own this.
PooledConnection& PooledConnection::operator=(
    PooledConnection&& other) noexcept {
  if (this == &other) return *this;
  const auto before = std::exchange(*member_, std::move(*other.member_));
  if (before != nullptr) before->Abandon();
  return *this;
}

PooledConnection::~PooledConnection() {
  const auto member = member_.Detach();
  if (member != nullptr) member->Abandon();
}

void PooledConnection::SetCallbacks(ConnectionCallbacks callbacks) {
  const auto member = *member_;
  if (member != nullptr) member->SetCallbacks(std::move(callbacks));
}

TcpConnection* PooledConnection::get() const {
  return *member_ == nullptr ? nullptr : (*member_)->connection();
}

bool PooledConnection::reused() const {
  return *member_ != nullptr && (*member_)->reused();
}

void PooledConnection::Return() {
  const auto member = std::move(*member_);
  if (member != nullptr) member->Return();
}

}  // namespace rondo
