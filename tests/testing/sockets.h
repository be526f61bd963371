#ifndef RONDO_TESTS_TESTING_SOCKETS_H_
#define RONDO_TESTS_TESTING_SOCKETS_H_

#include <poll.h>
#include <sys/resource.h>

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace rondo {

// Two connected descriptors, non-blocking and close-on-exec. All functions here
// CHECK that the system does what a test's set-up needs.
struct FdPair {
  UniqueFd a;
  UniqueFd b;
};

FdPair UnixPair();  // stream sockets: what is written is readable at once
FdPair TcpPair();   // over loopback
FdPair Pipe();      // `a` reads what `b` writes
UniqueFd EventFd();

// Writes all of `bytes`.
void Write(const UniqueFd& fd, std::string_view bytes);

// What one read returns: "" for end of input and for errors.
std::string Read(const UniqueFd& fd);

// The errno of one read: 0 for bytes and for end of input.
int ReadErrno(const UniqueFd& fd);

// Writes until the kernel takes no more; returns how many bytes it took.
size_t FillOutput(const UniqueFd& fd);

// Waits for one of poll(2)'s `events`, an error or a hangup; false, and the
// test has failed, if none has come within half a minute. For what TCP takes a
// while to bring, if the kernel is busy.
bool AwaitEvents(int fd, short events);
inline bool AwaitInput(int fd) { return AwaitEvents(fd, POLLIN); }

// Reads until there is nothing left.
void Drain(const UniqueFd& fd);

// Closes a TCP socket so that its peer sees a reset instead of an end.
void CloseWithReset(UniqueFd fd);

// The non-blocking socket of a connection to a loopback port where nobody
// listens. The connection fails, now or soon.
UniqueFd RefusedConnection();

// A duplicate of `fd` with the number `lowest` or the next free one above it.
// Raises the process's limit on descriptors where it must.
UniqueFd DuplicateAtOrAbove(const UniqueFd& fd, int lowest);

// While one lives, the process cannot open descriptors.
class DescriptorFamine {
 public:
  DescriptorFamine();
  ~DescriptorFamine();
  DescriptorFamine(const DescriptorFamine&) = delete;
  DescriptorFamine& operator=(const DescriptorFamine&) = delete;

 private:
  rlimit before_;
};

// Raises the limit on descriptors so that at least `count` can be open.
void AllowDescriptors(int count);

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_SOCKETS_H_
