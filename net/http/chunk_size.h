#ifndef RONDO_NET_HTTP_CHUNK_SIZE_H_
#define RONDO_NET_HTTP_CHUNK_SIZE_H_

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace rondo {

// What stands before a chunk of so many bytes: their number in hexadecimal,
// with its line end. Reference: RFC 9112 §7.1.
struct ChunkSize {
  explicit ChunkSize(size_t bytes) {
    char* const end =
        std::to_chars(text.data(), text.data() + text.size(), bytes, 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    view = {text.data(), static_cast<size_t>(end + 2 - text.data())};
  }

  static constexpr size_t kMaxBytes = 2 * sizeof(size_t) + 2;

  std::array<char, kMaxBytes> text;
  std::string_view view;
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_CHUNK_SIZE_H_
