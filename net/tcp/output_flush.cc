#include "net/tcp/output_flush.h"

#include <glog/logging.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/base/attributes.h"

namespace rondo {
namespace {

// Of one system call; what is beyond goes with the next.
constexpr int kMaxSlicesPerWrite = 64;

// sendfile(2) does not say whose errno it is. These no socket has.
bool IsOfFile(int error) {
  switch (error) {
    case EBADF:  // not open for reading
    case EINVAL:
    case EIO:
    case EISDIR:
    case ENODATA:
    case ENOSYS:
    case EOVERFLOW:
    case ESPIPE:
    case ESTALE:
    case EUCLEAN:  // the file system is damaged
      return true;
    default:
      return false;
  }
}

// Drops what was sent from the queue; false if there was an error.
bool Account(const IoResult& result, OutputQueue& output, Flushed& flushed) {
  if (result.error == 0) {
    output.Consume(result.bytes);
    flushed.bytes += result.bytes;
  } else if (!result.MayRetry()) {
    flushed.failure = ReasonOfError(result.error);
  }
  return result.error == 0;
}

// Sends of the file at the front; true if the next in the queue may be sent.
// Inlined, it would cost messages without files registers.
ABSL_ATTRIBUTE_NOINLINE bool FlushFile(OutputQueue& output,
                                       Transport& transport, size_t& budget,
                                       Flushed& flushed) {
  const OutputQueue::FilePiece& piece = *output.FrontFile();
  const int file = piece.file->get();
  const size_t offered = std::min(piece.bytes, budget);
  const bool whole = offered == piece.bytes;
  const IoResult result = transport.SendFile(file, piece.offset, offered);
  const bool ended = result.error == 0 && result.bytes == 0;
  if (ended || IsOfFile(result.error)) {
    VLOG(1) << "descriptor " << file << " has nothing to send at byte "
            << piece.offset << ": "
            << (ended ? "it ends before" : std::strerror(result.error));
    flushed.failure = CloseReason::kFileError;
    return false;
  }
  if (!Account(result, output, flushed)) return false;
  budget -= std::min(budget, std::max(result.bytes, kMinFileCostBytes));
  return whole && result.bytes == offered && budget > 0 && !output.empty();
}

}  // namespace

Flushed FlushOutput(OutputQueue& output, Transport& transport,
                    bool fin_follows) {
  iovec slices[kMaxSlicesPerWrite];
  size_t file_budget = kMaxFileBytesPerFlush;
  Flushed flushed;
  while (true) {
    const auto gathered = output.Gather(slices, kMaxSlicesPerWrite);
    if (gathered.count == 0) {
      if (!FlushFile(output, transport, file_budget, flushed)) break;
      continue;
    }
    const IoResult result =
        transport.Write(slices, gathered.count, fin_follows || !gathered.all);
    if (!Account(result, output, flushed)) break;
    if (gathered.all || result.bytes < gathered.bytes) break;
  }
  return flushed;
}

}  // namespace rondo
