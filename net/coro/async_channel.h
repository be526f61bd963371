#ifndef RONDO_NET_CORO_ASYNC_CHANNEL_H_
#define RONDO_NET_CORO_ASYNC_CHANNEL_H_

#include <glog/logging.h>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/ring_queue.h"
#include "net/coro/suspension.h"
#include "net/coro/suspension_list.h"

namespace rondo {

// A queue between tasks of one loop that holds at most `capacity` values: who
// sends more waits, and so does who receives from an empty one. First come,
// first served, on both sides; no value is lost between them, even if one who
// waits is destroyed: values stay in the queue, in their order, until who is to
// receive them runs.
//
// Threading: the loop's thread only.
// Ownership and lifetime: outlives those who wait on it. Owns the values, and
// keeps the memory of as many as it has held at a time.
//
// Example:
//   AsyncChannel<std::string> lines(100);
//   co_await lines.Send("hello");                     // one task
//   while (auto line = co_await lines.Receive()) …    // another
template <typename T>
class AsyncChannel {
 public:
  class SendAwaiter;
  class ReceiveAwaiter;

  // Requires: capacity is at least 1.
  explicit AsyncChannel(size_t capacity) : capacity_(capacity) {
    CHECK_GE(capacity, 1u);
  }
  AsyncChannel(const AsyncChannel&) = delete;
  AsyncChannel& operator=(const AsyncChannel&) = delete;

  // Waits for room. Gives false, and drops the value, if the channel is closed
  // or, at once, if the task is to stop.
  SendAwaiter Send(T value) { return SendAwaiter(this, std::move(value)); }
  // The same without waiting: false, and nothing is taken, if there is no room.
  bool TrySend(T&& value);

  // Waits for a value. Gives none if the channel is closed and empty or, at
  // once, if the task is to stop.
  ReceiveAwaiter Receive() { return ReceiveAwaiter(this); }

  // Takes no more values; those that it has are still received. Who waits to
  // send hears false.
  void Close();

  bool closed() const { return closed_; }
  // Without those that are for one who has waited and is about to run.
  size_t size() const { return values_.size() - promised_; }

 private:
  friend class SendAwaiter;
  friend class ReceiveAwaiter;

  // Promises values to who waits for them, and takes those that wait for room.
  void Settle();

  const size_t capacity_;
  bool closed_ = false;
  RingQueue<T> values_;
  size_t promised_ = 0;  // of the values: to so many who are about to run
  SuspensionList senders_;
  SuspensionList receivers_;
};

template <typename T>
class [[nodiscard]] AsyncChannel<T>::SendAwaiter final : public Suspension {
 public:
  SendAwaiter(AsyncChannel* channel, T value)
      : channel_(channel), value_(std::move(value)) {}
  SendAwaiter(SendAwaiter&&) = default;

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return this->Suspend(frame) && Wait();
  }
  bool await_resume() const { return sent_; }

 private:
  friend class AsyncChannel;

  // False if it need not.
  bool Wait() {
    sent_ = channel_->TrySend(std::move(value_));
    if (sent_ || channel_->closed_) return this->Unsuspend();
    channel_->senders_.PushBack(*this);
    return true;
  }
  bool Withdraw() override {
    this->LeaveList();
    return true;
  }

  AsyncChannel* const channel_;
  T value_;
  bool sent_ = false;
};

template <typename T>
class [[nodiscard]] AsyncChannel<T>::ReceiveAwaiter final : public Suspension {
 public:
  explicit ReceiveAwaiter(AsyncChannel* channel) : channel_(channel) {}
  ReceiveAwaiter(ReceiveAwaiter&&) = default;
  ~ReceiveAwaiter() {
    if (!promised_) return;
    // The frame was destroyed before it was resumed: the value is another's.
    --channel_->promised_;
    channel_->Settle();
  }

  bool await_ready() const { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) {
    return this->Suspend(frame) && Wait();
  }
  std::optional<T> await_resume() {
    const bool none = cancelled() || channel_->size() == 0;
    if (!promised_ && none) return std::nullopt;
    // Should its move throw, it stays, and the promise is given back.
    std::optional<T> value(std::move(channel_->values_.front()));
    channel_->values_.PopFront();
    if (std::exchange(promised_, false)) --channel_->promised_;
    channel_->Settle();
    return value;
  }

 private:
  friend class AsyncChannel;

  // False if it need not.
  bool Wait() {
    if (channel_->size() > 0 || channel_->closed_) return this->Unsuspend();
    channel_->receivers_.PushBack(*this);
    return true;
  }
  bool Withdraw() override {
    this->LeaveList();
    return true;
  }

  AsyncChannel* const channel_;
  bool promised_ = false;  // one of the values
};

template <typename T>
bool AsyncChannel<T>::TrySend(T&& value) {
  if (closed_ || size() >= capacity_) return false;
  values_.PushBack(std::move(value));
  Settle();
  return true;
}

template <typename T>
void AsyncChannel<T>::Close() {
  closed_ = true;
  while (!senders_.empty())
    senders_.template PopFront<SendAwaiter>().ResumeSoon();
  // They wait, so it is empty.
  while (!receivers_.empty())
    receivers_.template PopFront<ReceiveAwaiter>().ResumeSoon();
}

// Each is resumed even if the move of a value throws.
template <typename T>
void AsyncChannel<T>::Settle() {
  while (size() > 0 && !receivers_.empty()) {
    ReceiveAwaiter& receiver = receivers_.template PopFront<ReceiveAwaiter>();
    receiver.promised_ = true;
    ++promised_;
    receiver.ResumeSoon();
  }
  while (!senders_.empty() && size() < capacity_) {
    SendAwaiter& sender = senders_.template PopFront<SendAwaiter>();
    sender.ResumeSoon();
    values_.PushBack(std::move(sender.value_));
    sender.sent_ = true;
  }
}

}  // namespace rondo

#endif  // RONDO_NET_CORO_ASYNC_CHANNEL_H_
