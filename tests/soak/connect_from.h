#ifndef RONDO_TESTS_SOAK_CONNECT_FROM_H_
#define RONDO_TESTS_SOAK_CONNECT_FROM_H_

#include <cstdint>

#include "base/unique_fd.h"

namespace rondo {

struct ConnectFromOptions {
  // Zero: the system's. Over loopback that means segments of 64 KiB, and
  // kernel buffers of megabytes to match.
  int max_segment_bytes = 0;
  int receive_buffer_bytes = 0;
};

// A blocking connection from 127.0.0.`host` to `port` of 127.0.0.1 whose calls
// give up after Process::kBound; invalid, with errno set, if it fails.
UniqueFd ConnectFrom(uint8_t host, uint16_t port,
                     ConnectFromOptions options = {});

// Reads one byte or the end. True if it was the end, or a reset.
bool HasEnded(const UniqueFd& fd);

}  // namespace rondo

#endif  // RONDO_TESTS_SOAK_CONNECT_FROM_H_
