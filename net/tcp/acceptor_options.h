#ifndef RONDO_NET_TCP_ACCEPTOR_OPTIONS_H_
#define RONDO_NET_TCP_ACCEPTOR_OPTIONS_H_

#include "absl/time/time.h"
#include "net/tcp/socket.h"

namespace rondo {

struct AcceptCounts;

// How an Acceptor listens, and what it does when it cannot accept.
struct AcceptorOptions {
  ListenOptions listen = {};
  // Somebody else has made the socket, may have it still, and sees to its file.
  bool adopted = false;
  // Where to count, beside others; borrowed. Null: on its own.
  AcceptCounts* counts = nullptr;
  // Of one turn; connections beyond wait in the backlog for the next.
  int max_accepts_per_turn = 128;
  // Errors in a row that are taken for the peers' own; then accepting rests.
  int max_errors_in_a_row = 16;
  // How long it rests, also when out of descriptors or memory: this long at
  // first, then twice as long each time, at most the second. Meanwhile the
  // backlog fills.
  absl::Duration min_pause = absl::Milliseconds(10);
  absl::Duration max_pause = absl::Milliseconds(500);
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_ACCEPTOR_OPTIONS_H_
