#ifndef RONDO_NET_HTTP_BYTE_RANGES_H_
#define RONDO_NET_HTTP_BYTE_RANGES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rondo {

// Bytes of a representation, both ends included.
struct ByteRange {
  uint64_t first;
  uint64_t last;

  uint64_t bytes() const { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// What a Range field asks for.
//
//   bytes=0-499, -20      the first 500, and the last 20
//
// Threading: one thread at a time.
// Reference: RFC 9110 §14.
struct RangeRequest {
  enum class Kind {
    kIgnored,         // send all: no range, malformed, or not worth it
    kRanges,          // those
    kNotSatisfiable,  // none of them is there
  };

  // More of them, or more than two that overlap, are ignored: a request must
  // not ask for more than there is (RFC 9110 §17.15).
  static constexpr size_t kMaxRanges = 16;

  // Of a representation of `size` bytes.
  static RangeRequest Parse(std::string_view value, uint64_t size);

  Kind kind = Kind::kIgnored;
  std::vector<ByteRange> ranges = {};  // in the order of the request
};

}  // namespace rondo

#endif  // RONDO_NET_HTTP_BYTE_RANGES_H_
