#include "net/http/byte_ranges.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "net/http/digits.h"
#include "net/http/http_chars.h"
#include "net/http/list_members.h"

namespace rondo {
namespace {

constexpr uint64_t kMaxPosition = std::numeric_limits<uint64_t>::max();
constexpr std::string_view kUnit = "bytes=";

// A position that is too large for 64 bits is beyond every end. Empty if it is
// no number.
std::optional<uint64_t> ParsePosition(std::string_view text) {
  if (text.empty() || !AreAll(HttpChars::kDigit, text)) return std::nullopt;
  return ParseDigits<uint64_t>(text).value_or(kMaxPosition);
}

// One range-spec; false if it is malformed. One that is not there is not added.
bool AddRange(std::string_view spec, uint64_t size,
              std::vector<ByteRange>& ranges) {
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view last_text = spec.substr(dash + 1);
  const auto last = ParsePosition(last_text);
  if (!last.has_value() && !last_text.empty()) return false;
  if (dash == 0) {  // the last so many
    if (!last.has_value()) return false;
    // The end of nothing is there, and no answer can say which bytes it has.
    if (size == 0 && *last > 0) return false;
    const uint64_t bytes = std::min(*last, size);
    if (bytes > 0) ranges.push_back({size - bytes, size - 1});
    return true;
  }
  const auto first = ParsePosition(spec.substr(0, dash));
  if (!first.has_value() || last.value_or(kMaxPosition) < *first) return false;
  if (*first < size) {
    ranges.push_back({*first, std::min(last.value_or(kMaxPosition), size - 1)});
  }
  return true;
}

bool HaveManyOverlaps(std::vector<ByteRange> ranges) {
  std::ranges::sort(ranges, {}, &ByteRange::first);
  int overlaps = 0;
  uint64_t last = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0 && ranges[i].first <= last) ++overlaps;
    last = std::max(last, ranges[i].last);
  }
  return overlaps > 1;  // three ranges that share bytes, or two such pairs
}

}  // namespace

RangeRequest RangeRequest::Parse(std::string_view value, uint64_t size) {
  if (value.size() < kUnit.size() ||
      !EqualsIgnoringCase(value.substr(0, kUnit.size()), kUnit)) {
    return {};
  }
  RangeRequest request = {.kind = Kind::kRanges};
  size_t count = 0;
  const auto take = [&](std::string_view spec) {
    if (spec.empty()) return true;  // lists may have empty members
    return ++count <= kMaxRanges && AddRange(spec, size, request.ranges);
  };
  if (!ForEachMember(value.substr(kUnit.size()), take)) return {};
  if (count == 0 || HaveManyOverlaps(request.ranges)) return {};
  if (request.ranges.empty()) request.kind = Kind::kNotSatisfiable;
  return request;
}

}  // namespace rondo
