#ifndef RONDO_NET_TCP_BUFFER_H_
#define RONDO_NET_TCP_BUFFER_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rondo {

// Bytes that come in at one end and go out at the other, with room to put a
// header before them.
//
//   ┌─────────────┬──────────────────┬──────────────┐
//   │ prependable │     readable     │   writable   │
//   └─────────────┴──────────────────┴──────────────┘
//   0           begin               end          capacity
//
// A new or released buffer owns no memory. It grows by doubling, moves its
// bytes to the front rather than grow when that makes enough room, and keeps
// its memory until Release().
//
// Threading: one thread at a time.
// Lifetime of views: any call that is not const ends them, but for Consume().
// Errors: running out of memory throws std::bad_alloc, as everywhere.
// Units: bytes. Integers are in network order.
// Reference: the shape is that of ChannelBuffer in Netty, as muduo has it.
class Buffer {
 public:
  // Free room before the first byte of a buffer that was empty.
  static constexpr size_t kPrependBytes = 8;
  static constexpr size_t kMinCapacityBytes = 128;

  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : storage_(std::move(other.storage_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer taken(std::move(other));
    Swap(taken);
    return *this;
  }

  void Swap(Buffer& other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  bool empty() const { return begin_ == end_; }
  size_t readable_bytes() const { return end_ - begin_; }
  size_t writable_bytes() const { return capacity_ - end_; }
  size_t prependable_bytes() const { return begin_; }
  size_t capacity_bytes() const { return capacity_; }

  const char* data() const { return storage_.get() + begin_; }
  // To change the readable bytes where they are.
  char* data() { return storage_.get() + begin_; }
  std::string_view view() const { return {data(), readable_bytes()}; }

  // --- In. ---

  void Append(std::string_view bytes) {
    if (bytes.empty()) return;
    EnsureWritable(bytes.size());
    std::memcpy(write_begin(), bytes.data(), bytes.size());
    end_ += bytes.size();
  }

  // Puts `bytes` before the readable ones; moves those if the room is short.
  void Prepend(std::string_view bytes);

  template <std::integral T>
  void AppendInt(T value) {
    const T big = NetworkOrder(value);
    Append({reinterpret_cast<const char*>(&big), sizeof(big)});
  }
  template <std::integral T>
  void PrependInt(T value) {
    const T big = NetworkOrder(value);
    Prepend({reinterpret_cast<const char*>(&big), sizeof(big)});
  }

  // Lets somebody else write: at most writable_bytes() at write_begin(), then
  // Commit() of what was written.
  void EnsureWritable(size_t bytes) {
    if (writable_bytes() < bytes) MakeRoom(bytes);
  }
  char* write_begin() { return storage_.get() + end_; }
  void Commit(size_t bytes) { end_ += bytes; }

  // --- Out. ---

  // Drops the first bytes. Requires: bytes <= readable_bytes().
  void Consume(size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) Clear();
  }

  // Drops what is behind the first bytes. Requires: bytes <= readable_bytes().
  void Truncate(size_t bytes) {
    end_ = begin_ + bytes;
    if (begin_ == end_) Clear();
  }

  // Takes the first bytes out. Requires: bytes <= readable_bytes().
  std::string Take(size_t bytes);

  // The first bytes as an integer; TakeInt() consumes them too.
  // Requires: sizeof(T) <= readable_bytes().
  template <std::integral T>
  T PeekInt() const {
    T big;
    std::memcpy(&big, data(), sizeof(big));
    return NetworkOrder(big);
  }
  template <std::integral T>
  T TakeInt() {
    const T value = PeekInt<T>();
    Consume(sizeof(T));
    return value;
  }

  // How many readable bytes precede the first `what`; empty if it is not there.
  // Starts looking at `from`, so that a search can go on where it ended.
  std::optional<size_t> Find(std::string_view what, size_t from = 0) const;
  std::optional<size_t> Find(char what, size_t from = 0) const;
  std::optional<size_t> FindCrlf(size_t from = 0) const;

  // Drops everything and keeps the memory.
  void Clear() { begin_ = end_ = storage_ != nullptr ? kPrependBytes : 0; }

  // Drops everything and gives the memory back.
  void Release() { *this = Buffer(); }

  // Gives back what the readable bytes do not need.
  void ShrinkToFit();

 private:
  template <typename T>
  static T NetworkOrder(T value) {
    if constexpr (std::endian::native == std::endian::big) return value;
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    for (size_t i = 0; i < sizeof(T) / 2; ++i) {
      std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
    }
    std::memcpy(&value, bytes, sizeof(T));
    return value;
  }

  void MakeRoom(size_t writable);
  // Moves the readable bytes to `begin` in storage of `capacity` bytes.
  void Reallocate(size_t begin, size_t capacity);

  std::unique_ptr<char[]> storage_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace rondo

#endif  // RONDO_NET_TCP_BUFFER_H_
