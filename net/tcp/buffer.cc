#include "net/tcp/buffer.h"

#include <algorithm>

namespace rondo {

void Buffer::Prepend(std::string_view bytes) {
  if (bytes.empty()) return;
  if (prependable_bytes() < bytes.size()) {
    Reallocate(
        bytes.size() + kPrependBytes,
        bytes.size() + kPrependBytes + readable_bytes() + writable_bytes());
  }
  begin_ -= bytes.size();
  std::memcpy(storage_.get() + begin_, bytes.data(), bytes.size());
}

std::string Buffer::Take(size_t bytes) {
  std::string taken(data(), bytes);
  Consume(bytes);
  return taken;
}

std::optional<size_t> Buffer::Find(std::string_view what, size_t from) const {
  const size_t at = view().find(what, from);
  if (at == std::string_view::npos) return std::nullopt;
  return at;
}

std::optional<size_t> Buffer::Find(char what, size_t from) const {
  if (from >= readable_bytes()) return std::nullopt;
  const void* at = std::memchr(data() + from, what, readable_bytes() - from);
  if (at == nullptr) return std::nullopt;
  return static_cast<const char*>(at) - data();
}

std::optional<size_t> Buffer::FindCrlf(size_t from) const {
  // By its end: a line feed is nearly always that of a CRLF.
  size_t lf = from;
  while (auto found = Find('\n', lf)) {
    if (*found > from && data()[*found - 1] == '\r') return *found - 1;
    lf = *found + 1;
  }
  return std::nullopt;
}

void Buffer::ShrinkToFit() {
  if (empty()) {
    Release();
  } else {
    Reallocate(kPrependBytes, kPrependBytes + readable_bytes());
  }
}

void Buffer::MakeRoom(size_t writable) {
  const size_t needed = kPrependBytes + readable_bytes() + writable;
  // Moving is cheap only while it moves less than it frees.
  if (needed <= capacity_ && readable_bytes() <= capacity_ / 2) {
    std::memmove(storage_.get() + kPrependBytes, data(), readable_bytes());
    end_ = kPrependBytes + readable_bytes();
    begin_ = kPrependBytes;
    return;
  }
  Reallocate(kPrependBytes,
             std::max({needed, 2 * capacity_, kMinCapacityBytes}));
}

void Buffer::Reallocate(size_t begin, size_t capacity) {
  auto storage = std::make_unique_for_overwrite<char[]>(capacity);
  const size_t readable = readable_bytes();
  if (readable > 0) std::memcpy(storage.get() + begin, data(), readable);
  storage_ = std::move(storage);
  capacity_ = capacity;
  begin_ = begin;
  end_ = begin + readable;
}

}  // namespace rondo
