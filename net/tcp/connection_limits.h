#ifndef RONDO_NET_TCP_CONNECTION_LIMITS_H_
#define RONDO_NET_TCP_CONNECTION_LIMITS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rondo {

// What one connection may hold and how long it may take, the same for all of a
// server. absl::InfiniteDuration() switches a deadline off. A message costs no
// timer operation: deadlines look back at time stamps.
//
// Units: bytes, durations.
struct ConnectionLimits {
  // Output that waits for the peer, with what waits in the mailbox. Above the
  // high mark whoever feeds the connection (itself, or see SetFeeder()) is not
  // read, until it falls to the low mark. Above the maximum the connection
  // ends with kOutputLimit.
  size_t low_water_mark_bytes = 256 * 1'024;
  size_t high_water_mark_bytes = 1'024 * 1'024;
  size_t max_output_bytes = 16 * 1'024 * 1'024;

  // Input that the handler leaves for its next call while it wants more; above
  // this the connection ends with kInputLimit.
  size_t max_input_bytes = 1'024 * 1'024;

  // What is read from one connection before the others have their turn; at
  // most ConnectionTable::kReadBlockBytes.
  size_t max_read_bytes_per_turn = 64 * 1'024;

  // From the beginning until the first byte of input: kFirstByteTimeout.
  absl::Duration first_byte_timeout = absl::Minutes(1);
  // Since a byte last moved in either direction: kIdleTimeout.
  absl::Duration idle_timeout = absl::Minutes(10);
  // Since the kernel last took a byte, while output waits: kWriteStalled.
  absl::Duration write_stall_timeout = absl::Minutes(1);
  // From the beginning: kLifetimeEnded, with write_stall_timeout more for what
  // is queued.
  absl::Duration max_lifetime = absl::Hours(24);
  // How long input is swallowed after the last reply, so that it does not turn
  // that reply into a RST (see LingeringClose). Zero: not at all.
  absl::Duration linger_timeout = absl::Seconds(2);

  // While the server drains: how long nothing has to move on a connection that
  // is not known to owe anything for it to be closed.
  absl::Duration drain_quiet_time = absl::Milliseconds(200);

  // By default the peer's FIN closes the connection once what is queued is
  // sent. If true, it calls on_half_close and the application goes on writing
  // until it closes.
  bool allow_half_close = false;

  // InvalidArgument, with the value and what is allowed.
  absl::Status Check() const;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_CONNECTION_LIMITS_H_
