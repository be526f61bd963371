#ifndef RONDO_NET_TCP_OUTPUT_FLUSH_H_
#define RONDO_NET_TCP_OUTPUT_FLUSH_H_

#include <cstddef>
#include <optional>

#include "net/tcp/close_reason.h"
#include "net/tcp/output_queue.h"
#include "net/tcp/transport.h"

namespace rondo {

// What one flush sends of files before others have their turn: a peer that
// reads as fast as this side sends would otherwise never let it end, and what
// is not in the page cache the loop's thread reads from the disk. A piece
// counts as kMinFileCostBytes at least, as each takes a system call.
inline constexpr size_t kMaxFileBytesPerFlush = 256 * 1'024;
inline constexpr size_t kMinFileCostBytes = 4 * 1'024;

// What a flush has done.
struct Flushed {
  size_t bytes = 0;                                   // that the transport took
  std::optional<CloseReason> failure = std::nullopt;  // why no more can leave
};

// Sends what the transport takes, and drops it from the queue: bytes many
// pieces at a time, each part of a file by itself. What is left goes when the
// transport is writable, which it may be at once. `fin_follows`: behind the
// last byte.
//
//   head (MSG_MORE), file, between (MSG_MORE), file, tail
//
// A head therefore shares its segment with the beginning of its file.
//
// Threading: the connection's loop only. Requires: the queue is not empty.
// Errors: a file that ends before its piece does, or cannot be read, is
// kFileError; sendfile(2) must support it, as it does regular files.
Flushed FlushOutput(OutputQueue& output, Transport& transport,
                    bool fin_follows);

}  // namespace rondo

#endif  // RONDO_NET_TCP_OUTPUT_FLUSH_H_
