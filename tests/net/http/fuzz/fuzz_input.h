#ifndef RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_INPUT_H_
#define RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "net/http/http_limits.h"

namespace rondo {

// What a fuzz target is given: two bytes that choose how the rest, the text, is
// looked at. In seeds the two are digits, so that the text can be read.
//
//   00GET / HTTP/1.1…     the first chooses cuts, the second limits or a size
//
// Lifetime: views into the data.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size);

  std::string_view text() const { return text_; }

  // Where `bytes` of input are cut into pieces: the ends of these, the last
  // being `bytes`.
  std::vector<size_t> Ends(size_t bytes) const;

  // The default ones (0), or ones that a short text exceeds (1).
  HttpLimits limits() const;

  // Of a representation, by digit: 0, 1, 2, 10, 100, 10'000, 2^32, 2^63, and
  // the two largest.
  uint64_t size() const;

 private:
  uint8_t cuts_ = 0;
  uint8_t choice_ = 0;
  std::string_view text_;
};

}  // namespace rondo

#endif  // RONDO_TESTS_NET_HTTP_FUZZ_FUZZ_INPUT_H_
