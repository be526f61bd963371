#include "net/tcp/lingering_close.h"

#include <utility>

#include "net/reactor/event_loop.h"
#include "net/tcp/buffer.h"
#include "net/tcp/connection_table.h"

namespace rondo {

LingeringClose::LingeringClose(ConnectionTable* table,
                               std::unique_ptr<Transport> transport,
                               ConnectionMembership membership,
                               absl::Duration timeout)
    : table_(table),
      membership_(std::move(membership)),
      transport_(std::move(transport)),
      channel_(table->loop(), transport_->socket().fd(),
               [this](IoEvents events) { HandleEvents(events); }),
      timer_(
          table->loop()->RunAfter(timeout, [this] { table_->Release(this); })) {
  channel_.EnableReading();
}

LingeringClose::~LingeringClose() {
  table_->loop()->Cancel(timer_);
  channel_.CloseNext();
}

void LingeringClose::HandleEvents(IoEvents events) {
  if (!Any(events, IoEvents::kReadable) || !Swallow()) table_->Release(this);
}

bool LingeringClose::Swallow() {
  Buffer& block = table_->read_block_;
  block.Clear();
  block.EnsureWritable(ConnectionTable::kReadBlockBytes);
  const IoResult result = transport_->socket().Read(
      block.write_begin(), ConnectionTable::kReadBlockBytes);
  if (result.error == 0) return result.bytes > 0;
  return result.MayRetry();
}

}  // namespace rondo
