#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "base/thread.h"
#include "tests/testing/threads.h"

namespace rondo {
namespace {

using Values = std::vector<int64_t>;

Histogram::Snapshot Recorded(const Values& values) {
  Histogram histogram;
  for (int64_t value : values) histogram.Record(value);
  return histogram.TakeSnapshot();
}

int64_t BucketEnd(int64_t value) {
  return Recorded({value, INT64_MAX}).ValueAtPercentile(50);
}

TEST(HistogramTest, OfNothingAllIsZero) {
  const Histogram::Snapshot empty = Recorded({});
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.sum(), 0);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.min(), 0);
  EXPECT_EQ(empty.max(), 0);
  EXPECT_EQ(empty.ValueAtPercentile(50), 0);
  EXPECT_EQ(empty, Histogram::Snapshot());
}

TEST(HistogramTest, CountSumMeanMinAndMaxAreExact) {
  const Histogram::Snapshot snapshot = Recorded({1'000'003, 5, 1'000'001});
  EXPECT_EQ(snapshot.count(), 3u);
  EXPECT_EQ(snapshot.sum(), 2'000'009);
  EXPECT_DOUBLE_EQ(snapshot.mean(), 2'000'009 / 3.0);
  EXPECT_EQ(snapshot.min(), 5);
  EXPECT_EQ(snapshot.max(), 1'000'003);
}

TEST(HistogramTest, ValuesBelow64HaveABucketEach) {
  for (int64_t value = 0; value < 64; ++value) {
    EXPECT_EQ(BucketEnd(value), value);
  }
}

TEST(HistogramTest, BucketsDoubleWithEachPowerOfTwo) {
  EXPECT_EQ(BucketEnd(64), 65);
  EXPECT_EQ(BucketEnd(65), 65);
  EXPECT_EQ(BucketEnd(66), 67);
  EXPECT_EQ(BucketEnd(127), 127);
  EXPECT_EQ(BucketEnd(128), 131);
  EXPECT_EQ(BucketEnd(1024), 1055);
  EXPECT_EQ(BucketEnd(int64_t{1} << 62),
            (int64_t{1} << 62) + (int64_t{1} << 57) - 1);
}

// Around each power of two, where an index could be off by one.
TEST(HistogramTest, NoBucketEndsBelowItsValuesOrFarAbove) {
  for (int bit = 0; bit < 63; ++bit) {
    for (int64_t offset : {-1, 0, 1}) {
      const int64_t value = (int64_t{1} << bit) + offset;
      const int64_t end = BucketEnd(value);
      EXPECT_GE(end, value);
      EXPECT_LE(static_cast<double>(end - value),
                Histogram::kMaxRelativeError * static_cast<double>(value));
    }
  }
}

TEST(HistogramTest, TakesTheExtremes) {
  const Histogram::Snapshot snapshot = Recorded({0, INT64_MAX});
  EXPECT_EQ(snapshot.count(), 2u);
  EXPECT_EQ(snapshot.sum(), INT64_MAX);
  EXPECT_EQ(snapshot.min(), 0);
  EXPECT_EQ(snapshot.max(), INT64_MAX);
  EXPECT_EQ(snapshot.ValueAtPercentile(50), 0);
  EXPECT_EQ(snapshot.ValueAtPercentile(100), INT64_MAX);
}

TEST(HistogramTest, ASumThatWouldOverflowStaysAtTheHighest) {
  EXPECT_EQ(Recorded({INT64_MAX, 1}).sum(), INT64_MAX);
  Histogram::Snapshot merged = Recorded({INT64_MAX});
  merged.Merge(Recorded({1}));
  EXPECT_EQ(merged, Recorded({INT64_MAX, 1}));
}

TEST(HistogramTest, ManyAtOnceAreAsOneAfterTheOther) {
  Histogram at_once;
  at_once.Record(1'000, 3);
  at_once.Record(-1, 2);
  EXPECT_EQ(at_once.TakeSnapshot(), Recorded({1'000, 1'000, 1'000, -1, -1}));
  at_once.Record(INT64_MAX / 2, 3);
  EXPECT_EQ(at_once.TakeSnapshot().sum(), INT64_MAX);
  EXPECT_EQ(at_once.TakeSnapshot().count(), 8u);
}

TEST(HistogramTest, NegativeValuesCountAsZero) {
  EXPECT_EQ(Recorded({-1, INT64_MIN}), Recorded({0, 0}));
}

TEST(HistogramTest, PercentilesCountWholeValues) {
  Values values;
  for (int64_t i = 0; i < 1'000; ++i) values.push_back(i < 999 ? 1 : 50);
  const Histogram::Snapshot snapshot = Recorded(values);
  EXPECT_EQ(snapshot.ValueAtPercentile(0), 1);
  EXPECT_EQ(snapshot.ValueAtPercentile(99.9), 1);
  EXPECT_EQ(snapshot.ValueAtPercentile(99.91), 50);
  EXPECT_EQ(snapshot.ValueAtPercentile(100), 50);
}

TEST(HistogramTest, PercentilesDoNotExceedTheMaximum) {
  EXPECT_EQ(Recorded({1'000'000}).ValueAtPercentile(50), 1'000'000);
}

// Values of all sizes, as latencies have them, and the same from each seed.
Values RandomValues(uint32_t seed) {
  std::mt19937_64 random(seed);
  Values values(1 + random() % 3'000);
  const int max_bits = 1 + static_cast<int>(random() % 63);
  for (int64_t& value : values) {
    const int bits = 1 + static_cast<int>(random() % max_bits);
    value = static_cast<int64_t>(random() >> (64 - bits));
  }
  return values;
}

constexpr uint32_t kSeeds = 100;

TEST(HistogramPropertyTest, PercentilesAreThoseOfTheSortedValues) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    Values values = RandomValues(seed);
    const Histogram::Snapshot snapshot = Recorded(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(snapshot.count(), values.size());
    EXPECT_EQ(snapshot.min(), values.front());
    EXPECT_EQ(snapshot.max(), values.back());
    for (const size_t per_mille : {0, 1, 10, 250, 500, 900, 990, 999, 1'000}) {
      const size_t rank =
          std::max<size_t>(1, (per_mille * values.size() + 999) / 1'000);
      const int64_t exact = values[rank - 1];
      const int64_t told =
          snapshot.ValueAtPercentile(static_cast<double>(per_mille) / 10);
      ASSERT_GE(told, exact) << "seed " << seed << ", " << per_mille;
      ASSERT_LE(
          static_cast<double>(told - exact),
          Histogram::kMaxRelativeError * static_cast<double>(exact) * 1.0001)
          << "seed " << seed << ", " << per_mille;
    }
  }
}

TEST(HistogramPropertyTest, MergingIsAsIfAllWereRecordedIntoOne) {
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    const Values all = RandomValues(seed);
    std::minstd_rand random(seed);
    std::vector<Values> parts(1 + random() % 5);
    for (int64_t value : all) parts[random() % parts.size()].push_back(value);
    Histogram::Snapshot merged;
    for (const Values& part : parts) merged.Merge(Recorded(part));
    ASSERT_EQ(merged, Recorded(all)) << "seed " << seed;
  }
}

// What is counted is in the other figures as well, at every moment.
TEST(HistogramTest, IsReadWhileItIsWritten) {
  constexpr int64_t kValues = 200'000;
  const auto histogram = std::make_unique<Histogram>();
  std::atomic<bool> reading{false};
  Thread writer = NewThread("writer", [&] {
    while (!reading) {
    }
    for (int64_t i = 1; i <= kValues; ++i) histogram->Record(i);
  });
  Histogram::Snapshot last;
  while (last.count() < kValues) {
    const Histogram::Snapshot next = histogram->TakeSnapshot();
    reading = true;
    const int64_t count = static_cast<int64_t>(next.count());
    ASSERT_GE(next.count(), last.count());
    ASSERT_GE(next.max(), count);
    ASSERT_GE(next.sum(), count * (count + 1) / 2);
    if (count > 0) {
      ASSERT_EQ(next.min(), 1);
    }
    last = next;
  }
  writer.Join();
  EXPECT_EQ(histogram->TakeSnapshot().sum(), kValues * (kValues + 1) / 2);
}

}  // namespace
}  // namespace rondo
