#ifndef RONDO_EXAMPLES_LIMIT_FLAGS_H_
#define RONDO_EXAMPLES_LIMIT_FLAGS_H_

#include "absl/time/time.h"
#include "net/tcp/tcp_server.h"

namespace rondo::examples {

// The limits that all server examples share; limit_flags.cc explains their
// flags. A value that makes no sense ends the program with kExitBadFlags.

// Sets `options`' limits, and the process's memory budget.
void SetLimitsFromFlags(TcpServerOptions& options);

// How long connections may take to finish when the server stops.
absl::Duration DrainTimeoutFromFlags();

// Within which a request should come whole, for servers that know when it has
// begun. Requires: SetLimitsFromFlags() was called.
absl::Duration RequestTimeout();

}  // namespace rondo::examples

#endif  // RONDO_EXAMPLES_LIMIT_FLAGS_H_
