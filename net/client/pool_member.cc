#include "net/client/pool_member.h"

#include <glog/logging.h>

#include "net/tcp/buffer.h"

namespace rondo {

ConnectionCallbacks PoolMember::Dispatcher() {
  using C = ConnectionCallbacks;
  return {
      .on_message = [](TcpConnection& c,
                       Buffer& input) { Of(c).HandleMessage(input); },
      .on_write_complete =
          [](TcpConnection& c) { Of(c).Tell(&C::on_write_complete); },
      .on_high_water = [](TcpConnection& c) { Of(c).Tell(&C::on_high_water); },
      .on_low_water = [](TcpConnection& c) { Of(c).Tell(&C::on_low_water); },
      .on_half_close = [](TcpConnection& c) { Of(c).HandleHalfClose(); },
      .on_timeout =
          [](TcpConnection& c, CloseReason reason) {
            Of(c).Tell(&C::on_timeout, reason);
          },
      .on_close = [](TcpConnection& c,
                     CloseReason reason) { Of(c).HandleClose(reason); },
  };
}

std::shared_ptr<PoolMember> PoolMember::Create(TcpConnection& connection,
                                               Callback on_change) {
  auto member = std::make_shared<PoolMember>(connection, std::move(on_change));
  connection.EmplaceContext<std::shared_ptr<PoolMember>>(member);
  return member;
}

// It lives as long as the connection, and so through all of its callbacks.
PoolMember& PoolMember::Of(TcpConnection& connection) {
  auto* const member = connection.context<std::shared_ptr<PoolMember>>();
  CHECK(member != nullptr) << "a pooled connection's context is its pool's";
  return **member;
}

void PoolMember::Lend() {
  state_ = State::kLent;
  ++loans_;
}

void PoolMember::Leave() {
  state_ = State::kLeaving;
  going_ = true;
  connection_->ForceClose();
}

void PoolMember::Disown() {
  on_change_ = nullptr;
  if (connection_ != nullptr) connection_->ForceClose();
}

void PoolMember::SetCallbacks(ConnectionCallbacks callbacks) {
  if (state_ != State::kLent || connection_ == nullptr) return;
  const auto dropped = Replace(
      std::make_unique<const ConnectionCallbacks>(std::move(callbacks)));
}

// In these, what the callbacks own goes last: it may be anything, even the
// pool.
void PoolMember::Return() {
  if (connection_ == nullptr) return;
  const auto dropped = Replace(nullptr);
  if (running_ != nullptr) {
    state_ = State::kReturning;
  } else {
    GoBack(/*input_left=*/false);
  }
}

void PoolMember::Abandon() {
  if (connection_ == nullptr) return;
  const auto dropped = Replace(nullptr);
  Leave();
}

// What was there before, for the caller to drop, unless it is running.
PoolMember::Callbacks PoolMember::Replace(Callbacks callbacks) {
  Callbacks before = std::exchange(callbacks_, std::move(callbacks));
  if (before == nullptr || before.get() != running_) return before;
  retired_ = std::move(before);
  return nullptr;
}

// What was sent is still sent, and then the connection closes in order, be
// there input left or not. With nothing to send it closes at once, and input
// that is left makes that a reset, which stops a peer that is still sending.
void PoolMember::GoBack(bool input_left) {
  TcpConnection& c = *connection_;
  c.ResumeReading();
  c.ExpectNothing();
  c.SetFeeder({});
  if (!input_left && c.IsAtRest()) {
    state_ = State::kIdle;
    if (on_change_) on_change_();
    return;
  }
  if (c.output_bytes() == 0) return Leave();
  state_ = State::kLeaving;
  c.Close();
}

// Calls one of the borrower's callbacks, which may return the connection, or
// abandon it, or set others. Gives those that were replaced, to be dropped
// last.
template <typename F, typename... Args>
PoolMember::Callbacks PoolMember::Call(F ConnectionCallbacks::*which,
                                       Args&... args) {
  if (callbacks_ == nullptr || !(callbacks_.get()->*which)) return nullptr;
  running_ = callbacks_.get();
  (running_->*which)(*connection_, args...);
  running_ = nullptr;
  return std::move(retired_);
}

template <typename F, typename... Args>
void PoolMember::Tell(F ConnectionCallbacks::*which, Args&... args) {
  const auto dropped = Call(which, args...);
  if (state_ == State::kReturning) GoBack(/*input_left=*/false);
}

void PoolMember::HandleMessage(Buffer& input) {
  if (callbacks_ == nullptr || !callbacks_->on_message) {
    input.Clear();
    if (state_ == State::kIdle) connection_->ForceClose();
    return;
  }
  const auto dropped = Call(&ConnectionCallbacks::on_message, input);
  if (state_ == State::kReturning) GoBack(!input.empty());
}

void PoolMember::HandleHalfClose() {
  if (state_ == State::kIdle) return connection_->ForceClose();
  Tell(&ConnectionCallbacks::on_half_close);
}

void PoolMember::HandleClose(CloseReason reason) {
  TcpConnection& c = *std::exchange(connection_, nullptr);
  const Callbacks callbacks = std::move(callbacks_);
  if (on_change_) on_change_();
  if (callbacks != nullptr && callbacks->on_close) {
    callbacks->on_close(c, reason);
  }
}

}  // namespace rondo
