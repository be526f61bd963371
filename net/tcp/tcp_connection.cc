#include "net/tcp/tcp_connection.h"

#include <glog/logging.h>

#include <algorithm>
#include <cerrno>

#include "net/reactor/event_loop.h"
#include "net/tcp/connection_table.h"

namespace rondo {
namespace {

// Of one system call; what is beyond goes with the next.
constexpr int kMaxSlicesPerWrite = 64;

// Kept input that fills less than half of more memory than this moves.
constexpr size_t kMaxKeptCapacityBytes = 64 * 1'024;

CloseReason ReasonOf(int error) {
  return error == ECONNRESET || error == EPIPE ? CloseReason::kPeerReset
                                               : CloseReason::kSocketError;
}

bool IsRetryable(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

TcpConnection::TcpConnection(ConnectionTable* table,
                             std::unique_ptr<Transport> transport,
                             InetAddress peer, ConnectionMembership membership)
    : table_(table),
      membership_(std::move(membership)),
      transport_(std::move(transport)),
      channel_(table->loop(), transport_->socket().fd(),
               [this](IoEvents events) { HandleEvents(events); }),
      peer_(std::move(peer)) {}

TcpConnection::~TcpConnection() {
  if (stage_ != Stage::kClosed) channel_.CloseNext();
  if (link_ != nullptr) {
    link_->connection = nullptr;
    link_->closed.store(true, std::memory_order_relaxed);
  }
}

EventLoop* TcpConnection::loop() const { return table_->loop(); }

ConnectionHandle TcpConnection::handle() {
  DCHECK(loop()->IsInLoopThread());
  if (link_ == nullptr) {
    link_ = std::make_shared<ConnectionHandle::Link>(loop()->mailbox(),
                                                     closed() ? nullptr : this);
  }
  return ConnectionHandle(link_);
}

ConnectionHold TcpConnection::Hold() {
  ++holds_;
  return ConnectionHold(handle());
}

absl::StatusOr<InetAddress> TcpConnection::local_address() const {
  return transport_->socket().LocalAddress();
}

// --- What the user asks for. -------------------------------------------------

bool TcpConnection::Send(std::string_view bytes) {
  if (!AcceptsOutput()) return false;
  Output().Append(bytes);
  return true;
}

bool TcpConnection::Send(std::string&& bytes) {
  if (!AcceptsOutput()) return false;
  Output().Append(std::move(bytes));
  return true;
}

bool TcpConnection::Send(std::shared_ptr<const std::string> payload) {
  if (!AcceptsOutput()) return false;
  Output().Append(std::move(payload));
  return true;
}

void TcpConnection::Shutdown() {
  Advance(Stage::kShutting, CloseReason::kLocalClosed);
}

void TcpConnection::Close() {
  Advance(Stage::kClosing, CloseReason::kLocalClosed);
}

void TcpConnection::ForceClose() {
  Advance(Stage::kEnding, CloseReason::kForceClosed);
}

void TcpConnection::PauseReading() {
  DCHECK(loop()->IsInLoopThread());
  reading_ = false;
  deliver_again_ = false;
  UpdateInterest();
}

void TcpConnection::ResumeReading() {
  if (reading_) return;
  DCHECK(loop()->IsInLoopThread());
  reading_ = true;
  UpdateInterest();
  // Only LeaveHandler() knows what a running handler leaves.
  deliver_again_ = in_handler_ || !input_.empty();
  if (deliver_again_) SettleLater();
}

size_t TcpConnection::output_bytes() const {
  const size_t own = output_ != nullptr ? output_->bytes() : 0;
  return own + (table_->handler_ == this ? table_->handler_output_.bytes() : 0);
}

// The handler's output is gathered in the table's queue, unless earlier output
// still waits in the connection's own.
OutputQueue& TcpConnection::Output() {
  DCHECK(loop()->IsInLoopThread());
  SettleLater();
  if (output_ != nullptr) return *output_;
  if (table_->handler_ == this) return table_->handler_output_;
  output_ = std::make_unique<OutputQueue>();
  return *output_;
}

void TcpConnection::Advance(Stage stage, CloseReason reason) {
  DCHECK(loop()->IsInLoopThread());
  if (stage <= stage_) return;
  if (stage_ < Stage::kClosing) reason_ = reason;
  stage_ = stage;
  SettleLater();
}

void TcpConnection::SettleLater() {
  if (in_handler_ || settle_later_ || closed()) return;
  settle_later_ = true;
  table_->SettleLater(this);
}

// --- What happens. -----------------------------------------------------------

void TcpConnection::Begin() {
  UpdateInterest();
  if (!callbacks().on_connect) return;
  EnterHandler();
  callbacks().on_connect(*this);
  LeaveHandler();
}

void TcpConnection::HandleEvents(IoEvents events) {
  EnterHandler();
  const bool failed = Any(events, IoEvents::kError) && HandleError(events);
  if (!failed && Any(events, IoEvents::kReadable) && Reads()) HandleReadable();
  LeaveHandler();  // which writes, if that is what it is ready for
}

bool TcpConnection::HandleError(IoEvents events) {
  const int error = transport_->socket().TakeError();
  if (error != 0) {
    Advance(Stage::kEnding, ReasonOf(error));
  } else if (events == IoEvents::kError) {
    Advance(Stage::kEnding, CloseReason::kPollerRefused);
  }
  return stage_ == Stage::kEnding;
}

void TcpConnection::HandleReadable() {
  Buffer& block = table_->read_block_;
  block.Clear();
  block.EnsureWritable(ConnectionTable::kReadBlockBytes);
  const IoResult result =
      transport_->Read(block.write_begin(), ConnectionTable::kReadBlockBytes);
  if (result.error != 0) {
    if (IsRetryable(result.error)) return;
    return Advance(Stage::kEnding, ReasonOf(result.error));
  }
  if (result.bytes == 0) {
    return HandleFin();
  }
  bytes_received_ += result.bytes;
  deliver_again_ = false;
  block.Commit(result.bytes);
  if (input_.empty()) {
    Deliver(block);
    if (!block.empty()) input_.Append(block.view());
  } else {
    input_.Append(block.view());
    DeliverKept();
  }
}

void TcpConnection::HandleFin() {
  fin_received_ = true;
  if (holds_ == 0) Advance(Stage::kClosing, CloseReason::kPeerClosed);
}

void TcpConnection::ReleaseHold() {
  if (--holds_ == 0 && fin_received_) HandleFin();
}

void TcpConnection::Deliver(Buffer& input) {
  if (callbacks().on_message) {
    callbacks().on_message(*this, input);
  } else {
    input.Clear();
  }
}

void TcpConnection::DeliverKept() {
  Deliver(input_);
  const size_t kept = input_.readable_bytes();
  if (kept == 0) {
    input_.Release();
  } else if (input_.capacity_bytes() > kMaxKeptCapacityBytes &&
             kept < input_.capacity_bytes() / 2) {
    input_.ShrinkToFit();
  }
}

void TcpConnection::EnterHandler() {
  in_handler_ = true;
  // A handler may, rarely, bring another's about: that one keeps to itself.
  if (table_->handler_ == nullptr) table_->handler_ = this;
}

void TcpConnection::LeaveHandler() {
  in_handler_ = false;
  if (table_->handler_ == this) {
    table_->handler_ = nullptr;
    Settle(output_ == nullptr ? table_->handler_output_ : *output_);
  } else if (output_ != nullptr) {
    Settle(*output_);
  } else {
    OutputQueue nothing;
    Settle(nothing);
  }
  if (deliver_again_ && !input_.empty()) SettleLater();
}

void TcpConnection::SettleInFlush() {
  settle_later_ = false;
  if (closed()) return table_->Release(this);
  EnterHandler();
  const bool deliver = std::exchange(deliver_again_, false);
  if (deliver && !input_.empty() && stage_ < Stage::kClosing) DeliverKept();
  LeaveHandler();
}

void TcpConnection::EndNow(CloseReason reason) {
  if (closed()) return;
  if (in_handler_) return Advance(Stage::kEnding, reason);
  if (stage_ < Stage::kClosing) reason_ = reason;
  Finish();
}

// `output` is the table's queue or the connection's own.
void TcpConnection::Settle(OutputQueue& output) {
  if (!output.empty() && stage_ < Stage::kEnding) {
    Flush(output);
    if (output.empty()) CallWriteComplete();
  }
  if (stage_ == Stage::kEnding) {
    output.Clear();
    return Finish();
  }
  const bool own = &output == output_.get();
  if (!output.empty() && !own) {
    // on_write_complete may have begun a queue of its own, but then this one
    // is empty.
    output_ = std::make_unique<OutputQueue>();
    output.MoveTo(*output_);
  } else if (output.empty() && own) {
    output_.reset();
  }
  if (output_ == nullptr && stage_ == Stage::kClosing) return Finish();
  if (output_ == nullptr && stage_ == Stage::kShutting && !fin_sent_) {
    transport_->ShutdownWrite();
    fin_sent_ = true;
  }
  UpdateInterest();
}

// As a handler of its own: what it sends leaves at the end of the turn, so that
// one that always sends more cannot keep the loop to itself.
void TcpConnection::CallWriteComplete() {
  if (!callbacks().on_write_complete) return;
  in_handler_ = true;
  callbacks().on_write_complete(*this);
  in_handler_ = false;
  if (output_ != nullptr && !output_->empty()) SettleLater();
}

void TcpConnection::Flush(OutputQueue& output) {
  iovec slices[kMaxSlicesPerWrite];
  bool more = true;
  while (more) {
    const int count = output.Gather(slices, kMaxSlicesPerWrite);
    const IoResult result = transport_->Write(slices, count);
    if (result.error != 0) {
      if (IsRetryable(result.error)) return;
      return Advance(Stage::kEnding, ReasonOf(result.error));
    }
    bytes_sent_ += result.bytes;
    output.Consume(result.bytes);
    more = !output.empty() && count == kMaxSlicesPerWrite && result.bytes > 0;
  }
}

void TcpConnection::UpdateInterest() {
  IoEvents wanted = IoEvents::kNone;
  if (Reads()) wanted = IoEvents::kReadable;
  if (output_ != nullptr) wanted = wanted | IoEvents::kWritable;
  if (!closed() && wanted != channel_.interest()) channel_.SetInterest(wanted);
}

void TcpConnection::Finish() {
  stage_ = Stage::kClosed;
  if (link_ != nullptr) {
    link_->connection = nullptr;
    link_->closed.store(true, std::memory_order_relaxed);
  }
  membership_.group()->CountClosed(reason_);
  if (callbacks().on_close) callbacks().on_close(*this, reason_);
  // Now, not with the object: a FIN right behind the last reply saves the peer
  // a wake-up.
  channel_.CloseNext();
  transport_->socket().Close();
  // The list that it is in would dangle: SettleInFlush() releases it then.
  if (!settle_later_) table_->Release(this);
}

}  // namespace rondo
