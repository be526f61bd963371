#ifndef RONDO_NET_TCP_INHERITED_SOCKETS_H_
#define RONDO_NET_TCP_INHERITED_SOCKETS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "net/tcp/socket.h"

namespace rondo {

// The listening sockets that a service manager has made for this process, in
// its order: socket activation. None if there are none, or if they are another
// process's.
//
//   LISTEN_PID=4711    for whom they are
//   LISTEN_FDS=2       how many: the descriptors 3 and 4
//
// The variables are gone afterwards, so that child processes do not take the
// sockets for theirs, and the sockets are close-on-exec.
//
// Threading: none but this thread touches the environment meanwhile; call it
// first thing in main(), before anything opens descriptors.
// Ownership: the caller's, each once; after an error those before it are
// closed. Errors: InvalidArgument with the variable or the descriptor and a
// remedy. Reference: sd_listen_fds(3), systemd.socket(5).
absl::StatusOr<std::vector<Socket>> TakeInheritedSockets();

}  // namespace rondo

#endif  // RONDO_NET_TCP_INHERITED_SOCKETS_H_
