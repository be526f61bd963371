#include "net/tcp/connection_group.h"

namespace rondo {

size_t ConnectionGroup::open() const {
  size_t sum = 0;
  for (const auto& on_loop : open_) sum += on_loop;
  return sum;
}

// Whoever makes it empty looks afterwards whether it is awaited, and whoever
// awaits it looks afterwards whether it is empty: as all agree on one order,
// one of the two sees the other.
void ConnectionGroup::WhenEmpty(absl::AnyInvocable<void()> f) {
  {
    MutexLock lock(&mu_);
    when_empty_.push_back(std::move(f));
    awaited_ = true;
  }
  TellIfEmpty();
}

void ConnectionGroup::TellIfEmpty() {
  if (!awaited_ || !IsEmpty()) return;
  std::vector<absl::AnyInvocable<void()>> when_empty;
  {
    MutexLock lock(&mu_);
    when_empty.swap(when_empty_);
  }
  for (auto& f : when_empty) f();
}

void ConnectionGroup::StartDraining() {
  draining_ = true;
  TellIfEmpty();
}

void ConnectionGroup::CountWaiting(size_t change) {
  if (change == 0) return;
  waiting_ += change;
  TellIfEmpty();
}

void ConnectionGroup::CountClosed(CloseReason reason, size_t unsent_bytes) {
  ++closed_[static_cast<size_t>(reason)];
  if (unsent_bytes > 0) unsent_bytes_ += unsent_bytes;
  const bool forced = reason == CloseReason::kServerStopped ||
                      reason == CloseReason::kLoopEnded;
  if (draining_ && !forced) ++drained_;
}

void ConnectionGroup::CountLeft(size_t loop_index) {
  --open_[loop_index];
  TellIfEmpty();
}

ConnectionMembership::ConnectionMembership(
    std::shared_ptr<ConnectionGroup> group, size_t loop_index)
    : group_(std::move(group)), loop_index_(static_cast<uint32_t>(loop_index)) {
  ++group_->open_[loop_index_];
  ++group_->opened_;
}

ConnectionMembership::ConnectionMembership(
    std::shared_ptr<ConnectionGroup> group, size_t loop_index, AddressKey key)
    : ConnectionMembership(std::move(group), loop_index) {
  key_ = key;
  admitted_ = true;
}

ConnectionMembership::~ConnectionMembership() {
  if (group_ == nullptr) return;
  group_->CountLeft(loop_index_);
  if (admitted_) group_->admission().Leave(key_);
}

}  // namespace rondo
