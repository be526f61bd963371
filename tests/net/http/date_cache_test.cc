#include "net/http/date_cache.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"

namespace rondo {
namespace {

// The moment of RFC 9110's examples.
constexpr absl::Time kExample = absl::FromUnixSeconds(784'111'777);

// Both clocks, and how often the one on the wall was looked at.
class DateCacheTest : public ::testing::Test {
 protected:
  void Advance(absl::Duration by) {
    clock_.Advance(by);
    wall_time_ += by;
  }
  std::string_view Get() { return cache_.Get(clock_.Now()); }

  FakeClock clock_;
  absl::Time wall_time_ = kExample;
  size_t looks_ = 0;
  DateCache cache_{[this] {
    ++looks_;
    return wall_time_;
  }};
};

TEST_F(DateCacheTest, Rfc9110_6_6_1_IsAnHttpDate) {
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_F(DateCacheTest, LooksAtTheWallClockOnceASecond) {
  EXPECT_EQ(looks_, 0u);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT") << i;
    Advance(absl::Milliseconds(100));
  }
  EXPECT_EQ(looks_, 1u);
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(looks_, 2u);
}

TEST_F(DateCacheTest, ChangesWithTheSecondOfTheWallClock) {
  Advance(absl::Milliseconds(900));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT");
  Advance(absl::Milliseconds(100) - absl::Nanoseconds(1));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(looks_, 1u);
  Advance(absl::Nanoseconds(1));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:38 GMT");
}

TEST_F(DateCacheTest, GoesOnAfterALongPause) {
  Get();
  Advance(absl::Hours(24));
  EXPECT_EQ(Get(), "Mon, 07 Nov 1994 08:49:37 GMT");
}

TEST_F(DateCacheTest, FollowsWhoSetsTheWallClockWithinASecond) {
  Get();
  wall_time_ -= absl::Hours(1);
  Advance(absl::Milliseconds(999));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT");
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 07:49:38 GMT");
}

TEST_F(DateCacheTest, TheTimeIsThatOfTheText) {
  wall_time_ += absl::Milliseconds(999);
  EXPECT_EQ(cache_.Time(clock_.Now()), kExample);
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(looks_, 1u);
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(Get(), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(cache_.Time(clock_.Now()), kExample + absl::Seconds(1));
  EXPECT_EQ(looks_, 2u);
}

TEST_F(DateCacheTest, KnowsTimesBefore1970) {
  wall_time_ = absl::UnixEpoch() - absl::Milliseconds(1'500);
  EXPECT_EQ(Get(), "Wed, 31 Dec 1969 23:59:58 GMT");
  Advance(absl::Milliseconds(500));
  EXPECT_EQ(Get(), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(looks_, 2u);
}

TEST(DateCacheOfTheMachineTest, AsksItsClock) {
  DateCache cache;
  const int64_t before = absl::ToUnixSeconds(absl::Now());
  const std::string_view date = cache.Get(MonotonicTime());
  const int64_t after = absl::ToUnixSeconds(absl::Now());
  absl::Time told;
  ASSERT_TRUE(absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT",
                              absl::string_view(date.data(), date.size()),
                              &told, nullptr));
  EXPECT_GE(absl::ToUnixSeconds(told), before);
  EXPECT_LE(absl::ToUnixSeconds(told), after);
}

}  // namespace
}  // namespace rondo
