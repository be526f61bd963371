#ifndef RONDO_TESTS_TESTING_SHORT_SENDFILE_H_
#define RONDO_TESTS_TESTING_SHORT_SENDFILE_H_

#include <algorithm>
#include <cstddef>

#include "net/tcp/socket_calls.h"

namespace rondo {

// A system that takes little of a file at a time, as if the peer hardly read.
class ShortSendfile final : public SocketCalls {
 public:
  ssize_t Sendfile(int fd, int file, off_t* offset, size_t bytes) override {
    constexpr size_t kMaxBytes = 1'000;
    return SocketCalls::Sendfile(fd, file, offset, std::min(bytes, kMaxBytes));
  }
};

}  // namespace rondo

#endif  // RONDO_TESTS_TESTING_SHORT_SENDFILE_H_
