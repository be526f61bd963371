#ifndef RONDO_BASE_HISTOGRAM_H_
#define RONDO_BASE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace rondo {

// Counts values by size, in fixed memory and a few nanoseconds each, and tells
// percentiles of them that are at most 1/32 too high.
//
// Buckets are linear within a power of two and double from one to the next:
//
//   values    0 … 63   64 … 127   128 … 255   …   2^62 … 2^63 - 1
//   buckets       64         32          32                    32
//   each        1 wide     2 wide      4 wide             2^57 wide
//
// Threading: Record() is for one thread at a time; TakeSnapshot() is
// Thread-safe. A snapshot is a plain value.
// Ownership: owns its buckets, 15 KB, and so does each snapshot.
// Errors: none. A negative value, which a difference of two clocks can be,
// counts as 0.
// Units: the user's.
// Reference: G. Tene, HdrHistogram (hdrhistogram.org), for the buckets.
//
// Example:
//   Histogram latency_ns;
//   latency_ns.Record(absl::ToInt64Nanoseconds(end - start));
//   const int64_t p99 = latency_ns.TakeSnapshot().ValueAtPercentile(99);
class Histogram {
 public:
  static constexpr int kSubBuckets = 32;  // of a power of two
  static constexpr double kMaxRelativeError = 1.0 / kSubBuckets;

  class Snapshot;

  Histogram() = default;
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  // The same value so many times. Requires: count > 0.
  void Record(int64_t value, uint64_t count = 1) {
    value = std::max<int64_t>(value, 0);
    Add(sum_, SaturatingProduct(value, count));
    if (value < min_.load(std::memory_order_relaxed)) Set(min_, value);
    if (value > max_.load(std::memory_order_relaxed)) Set(max_, value);
    // Load and store, not fetch_add: there is one writer, and a locked
    // instruction would cost more than all the rest. The release pairs with
    // the acquire in TakeSnapshot(): what is counted is also in sum, min, max.
    std::atomic<uint64_t>& bucket = buckets_[BucketOf(value)];
    bucket.store(bucket.load(std::memory_order_relaxed) + count,
                 std::memory_order_release);
  }

  // What was recorded so far. A value that is being recorded meanwhile may be
  // in sum, min and max and not yet in the counts. Thread-safe.
  Snapshot TakeSnapshot() const;

 private:
  static constexpr int kValueBits = 63;
  static constexpr int kSubBucketBits = std::bit_width(kSubBuckets - 1u);
  static_assert(kSubBuckets == 1 << kSubBucketBits);
  static constexpr size_t kBuckets =
      (kValueBits - kSubBucketBits + 1) * kSubBuckets;

  // Keeps the first 6 bits of the value, the first of which is set unless the
  // value is below 32, and counts those that it drops.
  static constexpr size_t BucketOf(int64_t value) {
    const uint64_t v = static_cast<uint64_t>(value);
    const int dropped_bits =
        std::bit_width(v | (2 * kSubBuckets - 1)) - kSubBucketBits - 1;
    return static_cast<size_t>(dropped_bits) * kSubBuckets +
           static_cast<size_t>(v >> dropped_bits);
  }
  // The highest value that falls into the bucket.
  static constexpr int64_t HighestOf(size_t bucket) {
    if (bucket < 2 * kSubBuckets) return static_cast<int64_t>(bucket);
    const size_t dropped_bits = bucket / kSubBuckets - 1;
    const uint64_t kept_bits = bucket - dropped_bits * kSubBuckets;
    return static_cast<int64_t>(((kept_bits + 1) << dropped_bits) - 1);
  }

  static void Set(std::atomic<int64_t>& to, int64_t value) {
    to.store(value, std::memory_order_relaxed);
  }
  static constexpr int64_t SaturatingSum(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
  }
  static constexpr int64_t SaturatingProduct(int64_t value, uint64_t count) {
    int64_t product;
    return __builtin_mul_overflow(value, count, &product) ? INT64_MAX : product;
  }
  static void Add(std::atomic<int64_t>& to, int64_t value) {
    Set(to, SaturatingSum(to.load(std::memory_order_relaxed), value));
  }

  // Written by the recording thread.
  std::atomic<int64_t> sum_{0};
  std::atomic<int64_t> min_{INT64_MAX};
  std::atomic<int64_t> max_{0};
  std::array<std::atomic<uint64_t>, kBuckets> buckets_{};
};

// What a Histogram held at one moment, or several of them together.
class Histogram::Snapshot {
 public:
  uint64_t count() const { return count_; }

  // Exact, but for a sum that would exceed INT64_MAX, which is INT64_MAX.
  int64_t sum() const { return sum_; }

  // Of nothing, these are 0. min() and max() are exact, mean() is as sum().
  double mean() const;
  int64_t min() const { return count_ == 0 ? 0 : min_; }
  int64_t max() const { return max_; }

  // The least value that `percentile` percent of the values do not exceed,
  // rounded up to the end of its bucket, that is, by at most
  // kMaxRelativeError, but never above max(). 0 if there are no values.
  // Requires: 0 <= percentile <= 100.
  int64_t ValueAtPercentile(double percentile) const;

  // Exact: as if all had been recorded into one.
  void Merge(const Snapshot& other);

  friend bool operator==(const Snapshot&, const Snapshot&) = default;

 private:
  friend class Histogram;

  uint64_t count_ = 0;
  int64_t sum_ = 0;
  int64_t min_ = INT64_MAX;
  int64_t max_ = 0;
  std::array<uint64_t, kBuckets> buckets_{};
};

}  // namespace rondo

#endif  // RONDO_BASE_HISTOGRAM_H_
