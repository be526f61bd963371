#ifndef RONDO_NET_TCP_FD_PASSING_H_
#define RONDO_NET_TCP_FD_PASSING_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "net/tcp/socket.h"

// What processes that pass descriptors to each other do with a unix socket.
//
// Threading: like the sockets. Errors: as Socket's; EINTR is tried again.
// Reference: unix(7), SCM_RIGHTS; cmsg(3).

namespace rondo {

// What the kernel takes in one message (SCM_MAX_FD, include/net/scm.h).
inline constexpr size_t kMaxFdsPerMessage = 253;

// Sends `bytes`, at least one, and with the first of them `fds`. The receiver
// gets duplicates; the sender may close its own at once.
IoResult SendFds(Socket& socket, std::string_view bytes,
                 std::span<const int> fds);

// Reads at most `bytes`, and appends what descriptors come with them,
// close-on-exec. All of a message or none: EMFILE says that they came, that
// this process can open no more of them, and that they are gone.
IoResult ReceiveFds(Socket& socket, char* to, size_t bytes,
                    std::vector<UniqueFd>* fds);

// For set-up, blocking. NotFound if nobody listens there, be it for want of a
// file or of a process; DeadlineExceeded if one does whose backlog stays full.
absl::StatusOr<Socket> ConnectUnix(const std::string& path,
                                   absl::Duration timeout);

// For set-up, blocking: false if there is nothing to read by then, nor an end.
bool AwaitInput(const Socket& socket, MonotonicTime deadline);

}  // namespace rondo

#endif  // RONDO_NET_TCP_FD_PASSING_H_
