#ifndef RONDO_NET_REACTOR_CHANNEL_H_
#define RONDO_NET_REACTOR_CHANNEL_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "net/reactor/io_events.h"

namespace rondo {

class ChannelTable;
class EventLoop;

// One descriptor's place in a loop: what it wants to hear of and who hears it.
//
// Threading: the loop's thread only.
// Ownership and lifetime: borrows the descriptor and the loop. Once destroyed,
// by whichever callback, it hears nothing more, not even what this turn has
// ready for it. Its own handler hands it to EventLoop::DeferDelete() instead.
// Destroy it, or call CloseNext(), before closing the descriptor.
// Errors: a descriptor that the poller cannot watch is reported to the handler
// as kError once, see Poller::Update().
class Channel {
 public:
  // Hears events from inside the loop's turn.
  using Handler = absl::AnyInvocable<void(IoEvents)>;

  Channel(EventLoop* loop, int fd, Handler handler);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  int fd() const { return fd_; }

  IoEvents interest() const;
  void SetInterest(IoEvents interest);
  void EnableReading() { SetInterest(interest() | IoEvents::kReadable); }
  void DisableReading() { SetInterest(interest() & ~IoEvents::kReadable); }
  void EnableWriting() { SetInterest(interest() | IoEvents::kWritable); }
  void DisableWriting() { SetInterest(interest() & ~IoEvents::kWritable); }

  // Tells the poller of this channel's interest at once and returns what it
  // says, for set-up that wants an answer. Otherwise the loop does it.
  absl::Status Commit();

  // Leaves the loop; nothing may follow it. The destructor does so too.
  void Leave();

  // Leaves the loop for a descriptor that is closed next and that nobody has
  // duplicated. Cheaper than the destructor's way; nothing may follow it.
  void CloseNext();

 private:
  friend class ChannelTable;

  void HandleEvents(IoEvents events) { handler_(events); }

  ChannelTable& table_;
  int fd_;
  bool registered_ = true;
  Handler handler_;
};

}  // namespace rondo

#endif  // RONDO_NET_REACTOR_CHANNEL_H_
