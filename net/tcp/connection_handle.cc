#include "net/tcp/connection_handle.h"

#include <glog/logging.h>

#include "net/reactor/event_loop.h"
#include "net/reactor/mailbox.h"
#include "net/tcp/tcp_connection.h"

namespace rondo {

bool ConnectionHandle::Reserve(size_t bytes) const {
  const size_t waiting = bytes + link_->bytes_in_mailbox.fetch_add(
                                     bytes, std::memory_order_relaxed);
  const size_t queued = link_->queued_bytes.load(std::memory_order_relaxed);
  if (waiting + queued <= link_->max_output_bytes) return true;
  link_->bytes_in_mailbox.fetch_sub(bytes, std::memory_order_relaxed);
  if (!link_->over_limit.exchange(true)) {
    Run([](TcpConnection* c) {
      if (c != nullptr) c->ExceedOutputLimit();
    });
  }
  return false;
}

template <typename Payload>
bool ConnectionHandle::SendPayload(Payload payload, size_t bytes) const {
  if (closed() || !Reserve(bytes)) return false;
  const bool posted = link_->mailbox->Post(
      [link = link_, payload = std::move(payload), bytes]() mutable {
        link->bytes_in_mailbox.fetch_sub(bytes, std::memory_order_relaxed);
        TcpConnection* const connection = link->connection;
        if (connection == nullptr) return;
        // What it does not take has counted until now.
        if (!connection->Send(std::move(payload))) connection->SettleLater();
      });
  if (!posted) {
    link_->bytes_in_mailbox.fetch_sub(bytes, std::memory_order_relaxed);
  }
  return posted;
}

bool ConnectionHandle::Send(std::string bytes) const {
  const size_t size = bytes.size();
  return SendPayload(std::move(bytes), size);
}

bool ConnectionHandle::Send(std::shared_ptr<const std::string> payload) const {
  if (payload == nullptr) return !closed();
  const size_t size = payload->size();
  return SendPayload(std::move(payload), size);
}

bool ConnectionHandle::Shutdown() const {
  return !closed() && Run([](TcpConnection* c) {
    if (c != nullptr) c->Shutdown();
  });
}

bool ConnectionHandle::Close() const {
  return !closed() && Run([](TcpConnection* c) {
    if (c != nullptr) c->Close();
  });
}

bool ConnectionHandle::ForceClose() const {
  return !closed() && Run([](TcpConnection* c) {
    if (c != nullptr) c->ForceClose();
  });
}

bool ConnectionHandle::Run(absl::AnyInvocable<void(TcpConnection*)> f) const {
  if (link_ == nullptr) return false;
  return link_->mailbox->Post(
      [link = link_, f = std::move(f)]() mutable { f(link->connection); });
}

TcpConnection* ConnectionHandle::local() const {
  if (link_ == nullptr || link_->connection == nullptr) return nullptr;
  DCHECK(link_->connection->loop()->IsInLoopThread());
  return link_->connection;
}

bool ConnectionHandle::closed() const {
  return link_ == nullptr || link_->closed.load(std::memory_order_relaxed);
}

size_t ConnectionHandle::bytes_in_mailbox() const {
  if (link_ == nullptr) return 0;
  return link_->bytes_in_mailbox.load(std::memory_order_relaxed);
}

size_t ConnectionHandle::output_bytes() const {
  if (link_ == nullptr) return 0;
  return link_->queued_bytes.load(std::memory_order_relaxed) +
         bytes_in_mailbox();
}

void ConnectionHold::Release(TcpConnection* connection) {
  handle_ = ConnectionHandle();
  if (connection != nullptr) connection->ReleaseHold();
}

ConnectionHold::~ConnectionHold() {
  if (handle_.link_ == nullptr) return;
  handle_.Run([](TcpConnection* c) {
    if (c != nullptr) c->ReleaseHold();
  });
}

}  // namespace rondo
