#ifndef RONDO_NET_TCP_OUTPUT_QUEUE_H_
#define RONDO_NET_TCP_OUTPUT_QUEUE_H_

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/tcp/buffer.h"

namespace rondo {

// What a connection has to send, in order: small pieces copied together, large
// strings and shared payloads as they are.
//
//   ┌ copied ┐ ┌ string moved in ┐ ┌ copied ┐ ┌ payload shared with others ┐
//
// Threading: one thread at a time. Units: bytes.
class OutputQueue {
 public:
  using SharedPayload = std::shared_ptr<const std::string>;

  // Below this a string is copied: cheaper than a slice of its own.
  static constexpr size_t kMinSliceBytes = 1'024;
  // Small pieces are copied together until a slice has so many bytes.
  static constexpr size_t kMaxCopiedSliceBytes = 64 * 1'024;
  // Memory of a sent slice up to this is kept for the next one.
  static constexpr size_t kMaxSpareBytes = 64 * 1'024;

  void Append(std::string_view bytes);
  void Append(std::string&& bytes);
  void Append(SharedPayload payload);

  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }

  // Fills `slices` with up to `max` pieces from the front; returns how many.
  int Gather(iovec* slices, int max) const;

  // Drops the first bytes, which have been sent. Requires: sent <= bytes().
  void Consume(size_t sent);

  // Drops everything.
  void Clear() { Consume(bytes_); }

  // Moves everything to the end of `other`.
  void MoveTo(OutputQueue& other);

 private:
  using Slice = std::variant<Buffer, std::string, SharedPayload>;

  static std::string_view ViewOf(const Slice& slice);

  bool ClearInPlace();
  void PopFront();
  Buffer& CopySlice();
  void Push(Slice&& slice, size_t bytes);

  std::vector<Slice> slices_;
  size_t front_ = 0;         // slices before it are sent
  size_t front_offset_ = 0;  // bytes of slices_[front_] that are sent
  size_t bytes_ = 0;
  Buffer spare_;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_OUTPUT_QUEUE_H_
