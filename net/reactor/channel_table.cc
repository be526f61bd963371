#include "net/reactor/channel_table.h"

#include <glog/logging.h>

#include "net/reactor/channel.h"

namespace rondo {

void ChannelTable::Add(Channel& channel) {
  const size_t fd = channel.fd();
  if (fd >= entries_.size()) entries_.resize(fd + 1);
  CHECK(entries_[fd].channel == nullptr) << "two channels for one descriptor";
  entries_[fd].channel = &channel;
  ++entries_[fd].generation;
}

void ChannelTable::Remove(int fd, bool closing) {
  Entry& entry = entries_[fd];
  const WatchedFd watched = {fd, entry.generation};
  if (entry.watched != IoEvents::kNone) {
    if (closing) {
      poller_.Forget(watched);
    } else {
      // For want of memory it stays watched until it is closed, and nobody
      // hears of it. Else the descriptor was closed first: a bug, and one that
      // would hit whoever has its number now.
      const absl::Status status =
          poller_.Update(watched, entry.watched, IoEvents::kNone);
      CHECK(status.ok() || absl::IsResourceExhausted(status)) << status;
    }
  }
  // `changed` stays: the descriptor may be in changed_ and must not be twice.
  entry = {.generation = entry.generation + 1, .changed = entry.changed};
}

void ChannelTable::SetInterest(int fd, IoEvents interest) {
  Entry& entry = entries_[fd];
  entry.wanted = interest;
  if (entry.changed || entry.wanted == entry.watched) return;
  entry.changed = true;
  changed_.push_back(fd);
}

void ChannelTable::ApplyChanges(std::vector<ReadyEvent>& ready) {
  for (int fd : changed_) {
    entries_[fd].changed = false;
    const absl::Status status = Apply(fd);
    if (status.ok()) continue;
    LOG_EVERY_T(ERROR, 1) << status;
    ready.push_back({{fd, entries_[fd].generation}, IoEvents::kError});
  }
  changed_.clear();
}

absl::Status ChannelTable::Apply(int fd) {
  Entry& entry = entries_[fd];
  if (entry.wanted == entry.watched) return absl::OkStatus();
  const absl::Status status =
      poller_.Update({fd, entry.generation}, entry.watched, entry.wanted);
  if (status.ok()) entry.watched = entry.wanted;
  return status;
}

void ChannelTable::Dispatch(const ReadyEvent& event) {
  const Entry& entry = entries_[event.watched.fd];
  if (entry.channel == nullptr) return;
  if (entry.generation != event.watched.generation) return;
  const IoEvents events = event.events & (entry.wanted | IoEvents::kError);
  if (events != IoEvents::kNone) entry.channel->HandleEvents(events);
}

}  // namespace rondo
