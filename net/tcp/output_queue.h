#ifndef RONDO_NET_TCP_OUTPUT_QUEUE_H_
#define RONDO_NET_TCP_OUTPUT_QUEUE_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "net/tcp/buffer.h"

namespace rondo {

// What a connection has to send, in order: small pieces copied together, large
// strings and shared payloads as they are, and pieces of files, which stay
// where they are.
//
//   ┌ copied ┐ ┌ string moved in ┐ ┌ copied ┐ ┌ shared payload ┐ ┌ of a file ┐
//
// Threading: one thread at a time. Units: bytes.
class OutputQueue {
 public:
  using SharedPayload = std::shared_ptr<const std::string>;

  // A part of a file. Requires: `file` is not null.
  struct FilePiece {
    std::shared_ptr<const UniqueFd> file;
    uint64_t offset = 0;
    size_t bytes = 0;
  };

  // Below this a string is copied: cheaper than a slice of its own.
  static constexpr size_t kMinSliceBytes = 1'024;
  // Small pieces are copied together until a slice has so many bytes.
  static constexpr size_t kMaxCopiedSliceBytes = 64 * 1'024;
  // Memory of a sent slice up to this is kept for the next one.
  static constexpr size_t kMaxSpareBytes = 64 * 1'024;

  void Append(std::string_view bytes);
  void Append(std::string&& bytes);
  void Append(SharedPayload payload);
  void Append(FilePiece piece);

  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }
  // Those that are not in files.
  size_t memory_bytes() const { return bytes_ - file_bytes_; }

  // What Gather() has found: so many pieces, with so many bytes.
  struct Gathered {
    int count = 0;
    bool all = true;  // nothing is behind them
    size_t bytes = 0;
  };
  // Fills `slices` with up to `max` pieces from the front, not beyond the first
  // that is of a file.
  Gathered Gather(iovec* slices, int max) const;

  // The piece of a file at the front, less what is sent of it, good until the
  // next call; null if that is no file's.
  const FilePiece* FrontFile() const;

  // Drops the first bytes, which have been sent. Requires: sent <= bytes().
  void Consume(size_t sent);

  // Drops everything.
  void Clear() { Consume(bytes_); }

  // Moves everything to the end of `other`.
  void MoveTo(OutputQueue& other);

 private:
  using Slice = std::variant<Buffer, std::string, SharedPayload, FilePiece>;

  // Empty if it is a file's.
  static std::string_view ViewOf(const Slice& slice);
  static size_t SizeOf(const Slice& slice);

  bool ConsumeOfFile(Slice& slice, size_t sent);
  bool ClearInPlace();
  void PopFront();
  Buffer& CopySlice();
  void Push(Slice&& slice, size_t bytes);

  std::vector<Slice> slices_;
  size_t front_ = 0;         // slices before it are sent
  size_t front_offset_ = 0;  // bytes of slices_[front_] that are sent
  size_t bytes_ = 0;
  size_t file_bytes_ = 0;  // among them
  Buffer spare_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_OUTPUT_QUEUE_H_
