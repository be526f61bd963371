#ifndef RONDO_NET_TCP_LINGERING_CLOSE_H_
#define RONDO_NET_TCP_LINGERING_CLOSE_H_

#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "net/reactor/channel.h"
#include "net/reactor/io_events.h"
#include "net/reactor/timer_id.h"
#include "net/tcp/connection_group.h"
#include "net/tcp/transport.h"

namespace rondo {

class ConnectionTable;

// The socket of a connection that is over for the application, while the peer
// may still be sending. A socket that is closed with unread input, or gets some
// afterwards, answers with RST, and that makes the peer's kernel drop the last
// reply if nobody has read it yet. So this one has sent FIN and swallows what
// comes, until the peer's FIN, an error, or for so long.
//
// Threading: the loop's thread only.
// Ownership: the table's; owns the socket, and counts in its group as long.
// Reference: RFC 9112, section 9.6, "Tear-down".
class LingeringClose {
 public:
  LingeringClose(ConnectionTable* table, std::unique_ptr<Transport> transport,
                 ConnectionMembership membership, absl::Duration timeout);
  ~LingeringClose();

  const ConnectionGroup* group() const { return membership_.group(); }

 private:
  friend class ConnectionTable;

  void HandleEvents(IoEvents events);
  // Drops what waits in the kernel, at most a block. True if it goes on.
  bool Swallow();

  ConnectionTable* const table_;
  const ConnectionMembership membership_;
  const std::unique_ptr<Transport> transport_;
  Channel channel_;
  TimerId timer_;
  bool released_ = false;  // to be destroyed at the end of this turn
  size_t table_index_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_LINGERING_CLOSE_H_
