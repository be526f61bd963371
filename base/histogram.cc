#include "base/histogram.h"

#include <cmath>

namespace rondo {

Histogram::Snapshot Histogram::TakeSnapshot() const {
  static_assert(BucketOf(INT64_MAX) == kBuckets - 1);
  static_assert(HighestOf(kBuckets - 1) == INT64_MAX);
  Snapshot result;
  for (size_t i = 0; i < kBuckets; ++i) {
    result.buckets_[i] = buckets_[i].load(std::memory_order_acquire);
    result.count_ += result.buckets_[i];
  }
  result.sum_ = sum_.load(std::memory_order_relaxed);
  result.min_ = min_.load(std::memory_order_relaxed);
  result.max_ = max_.load(std::memory_order_relaxed);
  return result;
}

double Histogram::Snapshot::mean() const {
  return count_ == 0 ? 0
                     : static_cast<double>(sum_) / static_cast<double>(count_);
}

int64_t Histogram::Snapshot::ValueAtPercentile(double percentile) const {
  // The next smaller double, so that 99.9 % of 1,000 values are 999 of them and
  // not, by a rounding error, 1,000.
  const double fraction = std::nextafter(percentile, 0) / 100;
  const double rank = std::ceil(fraction * static_cast<double>(count_));
  double seen = 0;
  for (size_t i = 0; i < kBuckets && count_ > 0; ++i) {
    seen += static_cast<double>(buckets_[i]);
    if (seen > 0 && seen >= rank) return std::min(HighestOf(i), max_);
  }
  return max_;
}

void Histogram::Snapshot::Merge(const Snapshot& other) {
  count_ += other.count_;
  sum_ = SaturatingSum(sum_, other.sum_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
}

}  // namespace rondo
