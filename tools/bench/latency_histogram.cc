#include "tools/bench/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace rondo::bench {

void LatencyHistogram::Clear() { *this = LatencyHistogram(); }

int64_t LatencyHistogram::UpperBound(size_t index) {
  const int64_t i = static_cast<int64_t>(index);
  if (i < kParts) return i;
  const int64_t octave = i / kParts - 1;
  const int64_t part = i % kParts + kParts;
  return ((part + 1) << octave) - 1;
}

int64_t LatencyHistogram::Percentile(double fraction) const {
  const uint64_t rank = std::max<uint64_t>(
      1,
      static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(UpperBound(i), max_);
  }
  return max_;
}

}  // namespace rondo::bench
