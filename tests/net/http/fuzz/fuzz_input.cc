#include "tests/net/http/fuzz/fuzz_input.h"

#include <algorithm>
#include <array>
#include <limits>
#include <random>

namespace rondo {

FuzzInput::FuzzInput(const uint8_t* data, size_t size) {
  if (size > 0) cuts_ = data[0] - '0';
  if (size > 1) choice_ = data[1] - '0';
  if (size > 2) text_ = {reinterpret_cast<const char*>(data + 2), size - 2};
}

// A piece costs a copy of what has come: not too many.
std::vector<size_t> FuzzInput::Ends(size_t bytes) const {
  constexpr size_t kMaxCuts = 16;
  std::minstd_rand random(cuts_ + 1);
  std::vector<size_t> ends(1 + random() % kMaxCuts);
  for (size_t& end : ends) end = random() % (bytes + 1);
  std::ranges::sort(ends);
  ends.push_back(bytes);
  return ends;
}

HttpLimits FuzzInput::limits() const {
  if (choice_ % 2 == 0) return {};
  return {.max_request_line_bytes = 40,
          .max_header_bytes = 80,
          .max_fields = 4,
          .max_chunk_extension_bytes = 10,
          .max_trailer_bytes = 40};
}

uint64_t FuzzInput::size() const {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  constexpr std::array<uint64_t, 10> kSizes = {
      0,        1,   2, 10, 100, 10'000, uint64_t{1} << 32, kMax / 2 + 1,
      kMax - 1, kMax};
  return kSizes[choice_ % kSizes.size()];
}

}  // namespace rondo
