#include "net/tcp/fd_passing.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/tcp/inet_address.h"
#include "net/tcp/socket_calls.h"

namespace rondo {
namespace {

// Room for the descriptors of one message, aligned as cmsg(3) wants it.
struct alignas(cmsghdr) ControlBlock {
  char bytes[CMSG_SPACE(kMaxFdsPerMessage * sizeof(int))];
};

// Whatever comes is taken, so that it is closed if nobody wants it.
void TakeFds(msghdr* message, std::vector<UniqueFd>* fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(message); header != nullptr;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
      fds->emplace_back(fd);
    }
  }
}

// The error of connecting to `address`.
absl::Status CannotConnect(const InetAddress& address, int error) {
  const std::string what =
      absl::StrCat("cannot connect to ", address.ToString());
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return absl::NotFoundError(absl::StrCat(what, ": nobody listens there"));
    case EAGAIN:
      return absl::DeadlineExceededError(
          absl::StrCat(what, ": who listens there accepts nobody; stop it"));
    default:
      return absl::ErrnoToStatus(error,
                                 absl::StrCat(what, "; choose another path"));
  }
}

}  // namespace

IoResult SendFds(Socket& socket, std::string_view bytes,
                 std::span<const int> fds) {
  CHECK(!bytes.empty() && fds.size() <= kMaxFdsPerMessage);
  iovec slice = {const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message = {};
  message.msg_iov = &slice;
  message.msg_iovlen = 1;
  ControlBlock control = {};
  if (!fds.empty()) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  ssize_t n;
  do {
    n = CurrentSocketCalls().Sendmsg(socket.fd(), &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return {.bytes = 0, .error = errno};
  return {.bytes = static_cast<size_t>(n), .error = 0};
}

IoResult ReceiveFds(Socket& socket, char* to, size_t bytes,
                    std::vector<UniqueFd>* fds) {
  iovec slice = {to, bytes};
  ControlBlock control = {};
  msghdr message = {};
  message.msg_iov = &slice;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t n;
  do {
    n = CurrentSocketCalls().Recvmsg(socket.fd(), &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return {.bytes = 0, .error = errno};
  std::vector<UniqueFd> received;
  TakeFds(&message, &received);
  // There is room for all that a message can hold, so the kernel has dropped
  // some for want of descriptors (net/core/scm.c, scm_detach_fds()).
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    return {.bytes = 0, .error = EMFILE};
  }
  for (UniqueFd& fd : received) fds->push_back(std::move(fd));
  return {.bytes = static_cast<size_t>(n), .error = 0};
}

absl::StatusOr<Socket> ConnectUnix(const std::string& path,
                                   absl::Duration timeout) {
  const auto address = InetAddress::Parse("unix:" + path);
  if (!address.ok()) return address.status();
  // Blocking: a unix socket that is not does not tell when the backlog has
  // room again (connect(2), EAGAIN).
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return CannotConnect(*address, errno);
  // 0 would be for ever.
  const timeval wait =
      absl::ToTimeval(std::max(timeout, absl::Microseconds(1)));
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
  sockaddr_storage storage;
  const socklen_t length = address->ToSockaddr(&storage);
  const auto* native = reinterpret_cast<const sockaddr*>(&storage);
  int result;
  do {
    result = connect(fd.get(), native, length);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return CannotConnect(*address, errno);
  if (fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) {
    return CannotConnect(*address, errno);
  }
  return Socket(std::move(fd));
}

bool AwaitInput(const Socket& socket, MonotonicTime deadline) {
  pollfd watched = {.fd = socket.fd(), .events = POLLIN, .revents = 0};
  while (true) {
    const absl::Duration left = std::clamp(
        deadline - Clock::Real().Now(), absl::ZeroDuration(), absl::Hours(1));
    // Upwards, so that the last wait is not a busy one.
    const auto wait_ms =
        absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)));
    const int ready =
        CurrentSocketCalls().Poll(&watched, 1, static_cast<int>(wait_ms));
    // What is wrong, if it is not a signal, the read tells better.
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    if (left == absl::ZeroDuration()) return false;
  }
}

}  // namespace rondo
