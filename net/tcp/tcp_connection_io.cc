#include <glog/logging.h>

#include <algorithm>

#include "net/reactor/event_loop.h"
#include "net/tcp/connection_table.h"
#include "net/tcp/output_flush.h"
#include "net/tcp/tcp_connection.h"

// What happens to a connection: its socket, its deadlines, and what follows
// from either. What users ask of it is in tcp_connection.cc.

namespace rondo {
namespace {

// Kept input that fills less than half of more memory than this moves.
constexpr size_t kMaxKeptCapacityBytes = 64 * 1'024;

}  // namespace

void TcpConnection::HandleEvents(IoEvents events) {
  EnterHandler();
  if (!Any(events, IoEvents::kError) || !HandleError(events)) {
    if (Any(events, IoEvents::kReadable) && Reads()) {
      HandleReadable();
    } else if (Any(events, IoEvents::kHangup) && !hangup_seen_) {
      HandleHangup();
    }
  }
  LeaveHandler();  // which writes, if that is what it is ready for
}

bool TcpConnection::HandleError(IoEvents events) {
  const int error = transport_->socket().TakeError();
  if (error != 0) {
    Advance(Stage::kEnding, ReasonOfError(error));
  } else if (events == IoEvents::kError) {
    Advance(Stage::kEnding, CloseReason::kPollerRefused);
  }
  return stage_ == Stage::kEnding;
}

void TcpConnection::HandleReadable() {
  if (table_->memory_.budget().low()) {
    pauses_ |= kPausedForMemory;
    return table_->AwaitMemory();
  }
  const size_t limit = std::min(limits().max_read_bytes_per_turn,
                                ConnectionTable::kReadBlockBytes);
  Buffer& block = table_->read_block_;
  block.Clear();
  block.EnsureWritable(ConnectionTable::kReadBlockBytes);
  const IoResult result = transport_->Read(block.write_begin(), limit);
  if (result.error != 0) {
    if (result.MayRetry()) return;
    return Advance(Stage::kEnding, ReasonOfError(result.error));
  }
  if (result.bytes == 0) {
    // Else it is told again when the handler has had what is before it.
    if (!OwesDelivery()) HandleFin();
    return;
  }
  hangup_seen_ = false;
  bytes_received_ += result.bytes;
  deadlines_.Received(loop()->now());
  deliver_again_ = false;
  block.Commit(result.bytes);
  if (input_.empty()) {
    Deliver(block);
    if (block.empty()) return;
    input_.Append(block.view());
  } else {
    input_.Append(block.view());
    DeliverKept();
  }
  if (input_.readable_bytes() > limits().max_input_bytes && Reads()) {
    Advance(Stage::kClosing, CloseReason::kInputLimit);
  }
}

// The peer has sent its last while nobody reads. If nothing is before the FIN
// there is nothing to wait for; else it comes when reading goes on, or is asked
// about again when what is before it has gone.
void TcpConnection::HandleHangup() {
  hangup_seen_ = true;
  if (!input_.empty()) return;
  if (transport_->socket().PeekInput() == Pending::kEnd) HandleFin();
}

void TcpConnection::HandleFin() {
  const bool first = !std::exchange(fin_received_, true);
  const bool told = reads_to_end_
                        ? stage_ <= Stage::kShutting
                        : limits().allow_half_close && stage_ == Stage::kOpen;
  if (told) {
    if (first && callbacks().on_half_close) callbacks().on_half_close(*this);
  }
}

// Unless somebody still has to do with what came before the FIN.
void TcpConnection::EndAfterFin() {
  if (stage_ == Stage::kOpen && (limits().allow_half_close || holds_ > 0)) {
    return;
  }
  if (reads_to_end_ && stage_ <= Stage::kShutting) return;
  if (!OwesDelivery()) Advance(Stage::kClosing, CloseReason::kPeerClosed);
}

void TcpConnection::HandleDeadline() {
  deadlines_.Fired();
  const MonotonicTime now = loop()->now();
  EnterHandler();
  const auto due =
      deadlines_.Overdue(now, {stage_ >= Stage::kClosing, IsQuiet()});
  if (!due.has_value()) {
    // Something has moved since; LeaveHandler() arms for what is next.
  } else if (due->at_once) {
    Advance(Stage::kEnding, due->reason);
  } else if (due->reason != CloseReason::kDrained) {
    if (callbacks().on_timeout) callbacks().on_timeout(*this, due->reason);
    Advance(Stage::kClosing, due->reason);
  } else if (transport_->socket().PeekInput() != Pending::kBytes) {
    Advance(Stage::kClosing, due->reason);
  } else {
    deadlines_.NotQuiet(now);  // what came is read first
  }
  LeaveHandler();
  if (!closed()) ArmDeadlines();
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
    hangup_seen_ = false;
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

// As a handler of its own: what it sends leaves at the end of the turn, so that
// one that always sends more cannot keep the loop to itself.
void TcpConnection::CallInside(const ConnectionCallbacks::Callback& callback) {
  if (!callback) return;
  in_handler_ = true;
  callback(*this);
  in_handler_ = false;
  const bool waits = output_ != nullptr && !output_->empty();
  // It may have released the last hold.
  if (waits || relieved_ || fin_received_) SettleLater();
}

bool TcpConnection::IsQuiet() const {
  return input_.empty() && !deadlines_.output_waits() && holds_ == 0 &&
         BytesInMailbox() == 0;
}

// A reply, and all that is owed: FIN can go in its segment, so that the peer
// cannot have asked for more before it knows. Who is told of what is written,
// or fed by another, may have more to send, unless it says so itself.
bool TcpConnection::IsLastReply() {
  return stage_ == Stage::kOpen && IsQuiet() &&
         (says_owing_ || !callbacks().on_write_complete) &&
         (link_ == nullptr || link_->feeder == nullptr) &&
         transport_->socket().PeekInput() != Pending::kBytes;
}

// `output` is the table's queue or the connection's own.
void TcpConnection::Settle(OutputQueue& output) {
  if (fin_received_) EndAfterFin();
  bool written = std::exchange(relieved_, false);
  if (!output.empty() && stage_ < Stage::kEnding) {
    if (draining() && IsLastReply()) {
      Advance(Stage::kClosing, CloseReason::kDrained);
    }
    Flush(output);
    written = output.empty();
  }
  if (!output.empty() || output_ != nullptr) KeepOutput(output);
  bool holds_nothing = HoldsNothing();
  if (!holds_nothing && stage_ < Stage::kEnding) {
    UpdatePressure();
    UpdateMemory();
  }
  if (written && stage_ < Stage::kEnding) {
    CallInside(callbacks().on_write_complete);
    holds_nothing = HoldsNothing();
  }
  if (stage_ == Stage::kEnding) return Finish();
  if (output_ == nullptr && stage_ == Stage::kShutting) {
    if (!std::exchange(fin_sent_, true)) transport_->ShutdownWrite();
  }
  if (output_ == nullptr && stage_ == Stage::kClosing) return Finish();
  if (!holds_nothing || draining()) UpdateDeadlines();
  UpdateInterest();
}

// What the kernel did not take becomes the connection's own.
void TcpConnection::KeepOutput(OutputQueue& output) {
  const bool own = &output == output_.get();
  if (output.empty() && own) {
    output_.reset();
  } else if (!output.empty() && !own) {
    output_ = std::make_unique<OutputQueue>();
    output.MoveTo(*output_);
  }
}

void TcpConnection::Flush(OutputQueue& output) {
  const Flushed flushed = FlushOutput(
      output, *transport_, /*fin_follows=*/stage_ >= Stage::kShutting);
  if (flushed.bytes > 0) {
    bytes_sent_ += flushed.bytes;
    deadlines_.Sent(loop()->now());
    if (deadlines_.output_waits()) deadlines_.OutputWaits(loop()->now());
  }
  if (!flushed.failure.has_value()) return;
  reason_ = *flushed.failure;  // it loses output
  // The peer has been promised the whole file and would not know.
  if (reason_ == CloseReason::kFileError) reset_on_close_ = true;
  Advance(Stage::kEnding, reason_);
}

// As after most messages: no bound has to be looked at.
bool TcpConnection::HoldsNothing() const {
  return output_ == nullptr && held_bytes_ == 0 && link_ == nullptr &&
         input_.capacity_bytes() == 0 && !above_high_water_ &&
         !deadlines_.output_waits();
}

void TcpConnection::UpdatePressure() {
  size_t waiting = output_ != nullptr ? output_->bytes() : 0;
  if (link_ != nullptr) {
    link_->queued_bytes.store(waiting, std::memory_order_relaxed);
    waiting += BytesInMailbox();
  }
  if (!above_high_water_ && waiting > limits().high_water_mark_bytes) {
    SetAboveHighWater(true);
  } else if (above_high_water_ && waiting <= limits().low_water_mark_bytes) {
    SetAboveHighWater(false);
  }
}

void TcpConnection::SetAboveHighWater(bool above) {
  above_high_water_ = above;
  PressFeeder(above ? +1 : -1);
  CallInside(above ? callbacks().on_high_water : callbacks().on_low_water);
}

void TcpConnection::PressFeeder(int change) {
  if (link_ == nullptr || link_->feeder == nullptr) {
    if (change < 0) return Resume(kPausedByPressure);
    pauses_ |= kPausedByPressure;
    return;
  }
  Link& feeder = *link_->feeder;
  if (feeder.mailbox == link_->mailbox) {
    if (feeder.connection != nullptr) feeder.connection->Press(change);
  } else {
    ConnectionHandle(link_->feeder).Run([change](TcpConnection* c) {
      if (c != nullptr) c->Press(change);
    });
  }
}

// Input counts with its memory; output with its bytes, but those in files, for
// each connection that is to send them.
void TcpConnection::UpdateMemory() {
  const size_t output_bytes = output_ != nullptr ? output_->memory_bytes() : 0;
  const size_t held = input_.capacity_bytes() + output_bytes + BytesInMailbox();
  if (held == held_bytes_) return;
  MemoryShare& memory = table_->memory_;
  memory.Remove(held_bytes_);
  memory.Add(held);
  const bool grows = held > std::exchange(held_bytes_, held);
  if (grows && memory.budget().exhausted()) {
    Advance(Stage::kEnding, CloseReason::kMemoryLimit);
  }
}

void TcpConnection::UpdateDeadlines() {
  const bool waits = output_ != nullptr;
  if (waits != deadlines_.output_waits()) {
    if (!waits) {
      deadlines_.OutputGone();
    } else {
      deadlines_.OutputWaits(loop()->now());
      ArmDeadlines();
    }
  }
  if (draining()) ArmDeadlines();
}

void TcpConnection::ArmDeadlines() {
  deadlines_.Arm(loop(), {stage_ >= Stage::kClosing, IsQuiet()},
                 [this] { HandleDeadline(); });
}

void TcpConnection::UpdateInterest() {
  if (closed()) return;
  IoEvents wanted = IoEvents::kNone;
  const bool end_seen = fin_received_ || hangup_seen_;
  if (Reads()) {
    wanted = IoEvents::kReadable;
  } else if (!end_seen) {
    wanted = IoEvents::kHangup;
  } else if (!fin_sent_ && !peer_.is_unix()) {
    // A RST. Once both sides have sent FIN, and on unix sockets, the poller
    // would report the hangup for ever instead.
    wanted = IoEvents::kError;
  }
  if (output_ != nullptr) wanted = wanted | IoEvents::kWritable;
  if (wanted != channel_.interest()) channel_.SetInterest(wanted);
}

void TcpConnection::Finish() {
  const bool linger = MustLinger();
  const size_t unsent = output_bytes() + BytesInMailbox();
  stage_ = Stage::kClosed;
  if (std::exchange(above_high_water_, false)) PressFeeder(-1);
  if (link_ != nullptr) link_->Close();
  deadlines_.Disarm(loop());
  table_->memory_.Remove(std::exchange(held_bytes_, 0));
  group()->CountClosed(reason_, unsent);
  if (callbacks().on_close) callbacks().on_close(*this, reason_);
  CloseSocket(linger && !reset_on_close_);
  // The list that it is in would dangle: SettleInFlush() releases it then.
  if (!settle_later_) table_->Release(this);
}

// Only what was closed in peace, and whose peer may still be sending.
bool TcpConnection::MustLinger() {
  if (stage_ != Stage::kClosing || fin_received_) return false;
  if (limits().linger_timeout <= absl::ZeroDuration()) return false;
  const Pending next = transport_->socket().PeekInput();
  if (next == Pending::kEnd || next == Pending::kError) return false;
  return next == Pending::kBytes || !input_.empty() || linger_always_ ||
         reason_ == CloseReason::kDrained;
}

// Now, not with the object: a FIN right behind the last reply saves the peer a
// wake-up.
void TcpConnection::CloseSocket(bool linger) {
  if (!linger) {
    if (reset_on_close_) transport_->socket().ResetOnClose();
    channel_.CloseNext();
    transport_->socket().Close();
    return;
  }
  if (!fin_sent_) transport_->ShutdownWrite();
  channel_.Leave();
  const absl::Duration timeout = limits().linger_timeout;
  table_->Linger(std::move(transport_), std::move(membership_), timeout);
}

}  // namespace rondo
