// A Range field's value, of a representation whose size is among ten.
#include <glog/logging.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "net/http/byte_ranges.h"
#include "tests/net/http/fuzz/fuzz_input.h"
#include "tests/net/http/fuzz/fuzz_target.h"

namespace rondo {
namespace {

using Kind = RangeRequest::Kind;
// Of sums that 64 bits do not hold.
__extension__ using Wide = unsigned __int128;

// There is no other parser of ranges to compare with. So this is the grammar
// written once more, byte by byte, as slow as it likes.
class Model {
 public:
  Model(std::string_view value, uint64_t size) : rest_(value), size_(size) {}

  RangeRequest Read() {
    for (const char c : std::string_view("bytes")) {
      if (!Take(c) && !Take(static_cast<char>(c - 'a' + 'A'))) return {};
    }
    if (!Take('=')) return {};
    do {
      while (Take(' ') || Take('\t')) {
      }
      if (!rest_.empty() && rest_.front() != ',' && !ReadRange()) return {};
      while (Take(' ') || Take('\t')) {
      }
    } while (Take(','));
    if (!rest_.empty() || count_ == 0 || count_ > RangeRequest::kMaxRanges ||
        CountOverlapping() > 2) {
      return {};
    }
    return {.kind = ranges_.empty() ? Kind::kNotSatisfiable : Kind::kRanges,
            .ranges = ranges_};
  }

 private:
  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // What 64 bits do not hold is their largest number: RFC 9110 §14.1.2 has no
  // limit, and no representation is as large.
  std::optional<uint64_t> ReadNumber() {
    constexpr Wide kMax = std::numeric_limits<uint64_t>::max();
    std::optional<Wide> number;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      number = std::min(kMax, number.value_or(0) * 10 + (rest_.front() - '0'));
      rest_.remove_prefix(1);
    }
    return number;
  }

  bool ReadRange() {
    ++count_;
    const auto first = ReadNumber();
    if (!Take('-')) return false;
    const auto last = ReadNumber();
    if (!first.has_value()) {
      if (!last.has_value() || (size_ == 0 && *last > 0)) return false;
      if (*last == 0) return true;
      ranges_.push_back({*last > size_ ? 0 : size_ - *last, size_ - 1});
      return true;
    }
    if (last.has_value() && *last < *first) return false;
    if (*first >= size_) return true;
    ranges_.push_back({*first, size_ - 1});
    if (last.has_value() && *last < size_) ranges_.back().last = *last;
    return true;
  }

  // How many share a byte with another.
  size_t CountOverlapping() const {
    size_t overlapping = 0;
    for (const ByteRange& a : ranges_) {
      overlapping += std::ranges::any_of(ranges_, [&a](const ByteRange& b) {
        return &a != &b && a.first <= b.last && b.first <= a.last;
      });
    }
    return overlapping;
  }

  std::string_view rest_;
  const uint64_t size_;
  size_t count_ = 0;
  std::vector<ByteRange> ranges_;
};

void CheckLimits(const RangeRequest& request, uint64_t size) {
  CHECK_EQ(request.ranges.empty(), request.kind != Kind::kRanges);
  CHECK_LE(request.ranges.size(), RangeRequest::kMaxRanges);
  Wide bytes = 0;
  for (const ByteRange& range : request.ranges) {
    CHECK_LE(range.first, range.last);
    CHECK_LT(range.last, size);
    bytes += range.bytes();
  }
  CHECK(bytes <= 2 * Wide{size});  // two may overlap
}

bool IsSame(const RangeRequest& a, const RangeRequest& b) {
  return a.kind == b.kind && a.ranges == b.ranges;
}

void CheckRanges(std::string_view value, uint64_t size) {
  const RangeRequest request = RangeRequest::Parse(value, size);
  CheckLimits(request, size);
  CHECK(IsSame(request, Model(value, size).Read())) << value << " of " << size;
  // Empty members do not count, wherever they are.
  const size_t list = std::min(value.find('='), value.size() - 1) + 1;
  std::string more(value);
  more += ", ";
  more.insert(list, "\t,");
  CHECK(IsSame(request, RangeRequest::Parse(more, size))) << value;
}

}  // namespace

std::vector<CorpusInput> InputsFromCases() { return {}; }

}  // namespace rondo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const rondo::FuzzInput input(data, size);
  if (!input.text().empty()) rondo::CheckRanges(input.text(), input.size());
  return 0;
}
