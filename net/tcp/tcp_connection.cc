#include "net/tcp/tcp_connection.h"

#include <glog/logging.h>

#include <algorithm>

#include "net/reactor/event_loop.h"
#include "net/tcp/connection_table.h"

// What the user and the table ask of a connection. What happens to it by itself
// is in tcp_connection_io.cc.

namespace rondo {

TcpConnection::TcpConnection(ConnectionTable* table,
                             std::unique_ptr<Transport> transport,
                             InetAddress peer, ConnectionMembership membership)
    : table_(table),
      membership_(std::move(membership)),
      transport_(std::move(transport)),
      channel_(table->loop(), transport_->socket().fd(),
               [this](IoEvents events) { HandleEvents(events); }),
      deadlines_(limits(), table->loop()->now()),
      peer_(std::move(peer)) {}

TcpConnection::~TcpConnection() {
  if (stage_ == Stage::kClosed) return;  // with its loop, in mid-air
  deadlines_.Disarm(loop());
  table_->memory_.Remove(held_bytes_);
  channel_.CloseNext();
  if (link_ != nullptr) link_->Close();
}

EventLoop* TcpConnection::loop() const { return table_->loop(); }

ConnectionHandle TcpConnection::handle() {
  DCHECK(loop()->IsInLoopThread());
  if (link_ == nullptr) {
    const bool gone = closed();  // and then it may have left its group
    link_ = std::make_shared<Link>(loop()->mailbox(), gone ? nullptr : this,
                                   gone ? 0 : limits().max_output_bytes);
  }
  return ConnectionHandle(link_);
}

ConnectionHold TcpConnection::Hold() {
  ++holds_;
  return ConnectionHold(handle());
}

void TcpConnection::SetOwing(bool owing) {
  says_owing_ = true;
  if (owing == owing_) return;
  owing_ = owing;
  if (owing) {
    ++holds_;
  } else {
    ReleaseHold();
  }
}

void TcpConnection::SetFeeder(const ConnectionHandle& feeder) {
  DCHECK(loop()->IsInLoopThread());
  if (closed()) return;
  if (link_ == nullptr && feeder.link_ == nullptr) return;  // it is its own
  if (above_high_water_) PressFeeder(-1);
  (void)handle();  // makes the link
  link_->feeder = feeder.link_ == link_ ? nullptr : feeder.link_;
  if (above_high_water_) PressFeeder(+1);
}

absl::StatusOr<InetAddress> TcpConnection::local_address() const {
  return transport_->socket().LocalAddress();
}

bool TcpConnection::Send(std::string_view bytes) {
  if (!AcceptsOutput()) return false;
  OutputQueue& output = Output();
  output.Append(bytes);
  return Bound(output);
}

bool TcpConnection::Send(std::string&& bytes) {
  if (!AcceptsOutput()) return false;
  OutputQueue& output = Output();
  output.Append(std::move(bytes));
  return Bound(output);
}

bool TcpConnection::Send(std::shared_ptr<const std::string> payload) {
  if (!AcceptsOutput()) return false;
  OutputQueue& output = Output();
  output.Append(std::move(payload));
  return Bound(output);
}

bool TcpConnection::SendFile(std::shared_ptr<const UniqueFd> file,
                             uint64_t offset, size_t bytes) {
  CHECK(file != nullptr && file->valid()) << "SendFile() needs an open file";
  if (!AcceptsOutput()) return false;
  OutputQueue& output = Output();
  output.Append(OutputQueue::FilePiece{std::move(file), offset, bytes});
  return Bound(output);
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

bool TcpConnection::Relieve(OutputQueue& output) {
  // The kernel is known to be full where output waits for it.
  if (!deadlines_.output_waits()) {
    Flush(output);
    relieved_ = output.empty();
    KeepOutput(output);
    UpdateDeadlines();
  }
  if (output_bytes() + BytesInMailbox() > limits().max_output_bytes) {
    ExceedOutputLimit();
  }
  return stage_ < Stage::kEnding;
}

void TcpConnection::ExceedOutputLimit() {
  Advance(Stage::kEnding, CloseReason::kOutputLimit);
}

void TcpConnection::Shutdown() {
  end_requested_ = true;
  Advance(Stage::kShutting, CloseReason::kLocalClosed);
}

void TcpConnection::Close() {
  end_requested_ = true;
  Advance(Stage::kClosing, CloseReason::kLocalClosed);
}

void TcpConnection::ForceClose() {
  end_requested_ = true;
  Advance(Stage::kEnding, CloseReason::kForceClosed);
}

void TcpConnection::Reset() {
  reset_on_close_ = true;
  ForceClose();
}

void TcpConnection::PauseReading() {
  DCHECK(loop()->IsInLoopThread());
  pauses_ |= kPausedByUser;
  deliver_again_ = false;
  UpdateInterest();
}

void TcpConnection::ResumeReading() { Resume(kPausedByUser); }

void TcpConnection::Resume(Pauses why) {
  DCHECK(loop()->IsInLoopThread());
  if ((pauses_ & why) == 0) return;
  pauses_ &= ~why;
  DeliverKeptLater();
}

void TcpConnection::Press(int change) {
  pressed_ += change;
  DeliverKeptLater();
}

void TcpConnection::DeliverKeptLater() {
  UpdateInterest();
  if (!Delivers()) return;
  // Only LeaveHandler() knows what a running handler leaves.
  deliver_again_ = in_handler_ || !input_.empty();
  if (deliver_again_) SettleLater();
}

void TcpConnection::ExpectWithin(absl::Duration duration) {
  if (closed()) return;
  const MonotonicTime when = loop()->now() + duration;
  deadlines_.ExpectBy(when);
  if (when < deadlines_.armed_for()) ArmDeadlines();
}

size_t TcpConnection::output_bytes() const {
  const size_t own = output_ != nullptr ? output_->bytes() : 0;
  return own + (table_->handler_ == this ? table_->handler_output_.bytes() : 0);
}

bool TcpConnection::is_sated() const {
  return above_high_water_ || relieved_ ||
         output_bytes() > limits().high_water_mark_bytes;
}

// What is above the high water mark by a byte sates it, and never exceeds the
// maximum.
size_t TcpConnection::room_bytes() const {
  const size_t all = 1 + std::min(limits().high_water_mark_bytes,
                                  limits().max_output_bytes - 1);
  const size_t waiting = output_bytes() + BytesInMailbox();
  return is_sated() || waiting >= all ? 0 : all - waiting;
}

bool TcpConnection::IsAtRest() const {
  return stage_ == Stage::kOpen && holds_ == 0 && pressed_ == 0 &&
         output_bytes() == 0 && BytesInMailbox() == 0 && input_.empty() &&
         !relieved_ && !above_high_water_ &&
         transport_->socket().PeekInput() == Pending::kNothing;
}

size_t TcpConnection::BytesInMailbox() const {
  if (link_ == nullptr) return 0;
  return link_->bytes_in_mailbox.load(std::memory_order_relaxed);
}

void TcpConnection::Advance(Stage stage, CloseReason reason) {
  DCHECK(loop()->IsInLoopThread());
  if (stage <= stage_) return;
  const bool loses = stage == Stage::kEnding && output_bytes() > 0;
  if (stage_ < Stage::kClosing || loses) reason_ = reason;
  stage_ = stage;
  SettleLater();
}

void TcpConnection::SettleLater() {
  if (in_handler_ || settle_later_ || closed()) return;
  settle_later_ = true;
  table_->SettleLater(this);
}

// --- The table's calls. ------------------------------------------------------

void TcpConnection::Begin() {
  UpdateInterest();
  ArmDeadlines();
  if (callbacks().on_connect) {
    EnterHandler();
    callbacks().on_connect(*this);
    LeaveHandler();
  }
  if (!closed() && group()->draining()) StartDrain();
}

void TcpConnection::StartDrain() {
  if (closed() || draining()) return;
  EnterHandler();
  deadlines_.SetDraining();
  if (callbacks().on_drain) callbacks().on_drain(*this);
  LeaveHandler();
}

void TcpConnection::SettleInFlush() {
  settle_later_ = false;
  if (closed()) return table_->Release(this);
  EnterHandler();
  const bool deliver = std::exchange(deliver_again_, false);
  if (deliver && !input_.empty() && Delivers()) DeliverKept();
  LeaveHandler();
}

void TcpConnection::EndNow(CloseReason reason) {
  if (closed()) return;
  const bool running = in_handler_;
  in_handler_ = true;  // nothing to settle later
  Advance(Stage::kEnding, reason);
  in_handler_ = running;
  if (!running) Finish();
}

void TcpConnection::ReleaseHold() {
  // It may have been all that the end after a FIN, or of draining, waited for.
  // A running handler settles anyway.
  if (--holds_ == 0 && (fin_received_ || draining())) SettleLater();
}

}  // namespace rondo
