#ifndef RONDO_NET_REACTOR_CHANNEL_TABLE_H_
#define RONDO_NET_REACTOR_CHANNEL_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "net/reactor/io_events.h"
#include "net/reactor/poller.h"

namespace rondo {

class Channel;

// A loop's channels by descriptor, and what each wants against what the poller
// was last told. Changes are collected and told in one go before the next wait:
// enabling and disabling within a turn costs nothing.
//
// An event carries the generation of the channel it is for. A channel that is
// gone, or another that has its descriptor's number now, does not get it.
//
// Threading: the loop's thread only.
// Ownership: borrows the channels, which remove themselves.
class ChannelTable {
 public:
  explicit ChannelTable(Poller& poller) : poller_(poller) {}
  ChannelTable(const ChannelTable&) = delete;
  ChannelTable& operator=(const ChannelTable&) = delete;

  // Requires: no channel for its descriptor is in the table.
  void Add(Channel& channel);

  // Takes `fd` out of the table and of the poller. `closing` promises that its
  // only holder closes it next.
  void Remove(int fd, bool closing);

  IoEvents interest(int fd) const { return entries_[fd].wanted; }
  void SetInterest(int fd, IoEvents interest);

  // Tells the poller what has changed. A descriptor that it cannot watch is
  // logged and appended to `ready` with kError.
  void ApplyChanges(std::vector<ReadyEvent>& ready);

  // Tells the poller now what has changed for `fd`.
  absl::Status Apply(int fd);

  // Calls the channel that `event` is for, if it still lives and still wants
  // to hear of it.
  void Dispatch(const ReadyEvent& event);

 private:
  struct Entry {
    Channel* channel = nullptr;
    uint32_t generation = 0;
    IoEvents wanted = IoEvents::kNone;
    IoEvents watched = IoEvents::kNone;  // by the poller
    bool changed = false;                // is in changed_
  };

  Poller& poller_;
  std::vector<Entry> entries_;  // by descriptor
  std::vector<int> changed_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_CHANNEL_TABLE_H_
