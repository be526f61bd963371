#include "net/http/files/validators.h"

#include <gtest/gtest.h>

#include "absl/time/time.h"

namespace rondo {
namespace {

constexpr absl::Time kSecond = absl::FromUnixSeconds(1'700'000'000);

Validators Of(absl::Time modified, absl::Time now) {
  OpenFile file;
  file.modified = modified;
  return Validators::Of(file, now);
}

// Whether both are strong, or both weak.
bool AreStrong(const Validators& validators) {
  const bool tag = validators.tag.strength() == EntityTag::Strength::kStrong;
  EXPECT_EQ(tag, validators.last_modified_is_strong);
  return tag;
}

TEST(ValidatorsTest, Rfc9110_8_8_2_2_AreWeakUntilTheSecondIsOver) {
  struct Case {
    absl::Duration modified;
    absl::Duration now;
    bool strong;
  };
  for (const auto& [modified, now, strong] : {
           Case{absl::ZeroDuration(), absl::ZeroDuration(), false},
           {absl::ZeroDuration(), absl::Milliseconds(999), false},
           {absl::Milliseconds(1), absl::Milliseconds(500), false},
           {absl::ZeroDuration(), absl::Seconds(1), true},
           // Its second is over, though it is younger than a second.
           {absl::Milliseconds(999), absl::Seconds(1), true},
           {absl::ZeroDuration(), absl::Hours(1), true},
           // Not by this clock.
           {absl::Seconds(5), absl::Seconds(4), false},
       }) {
    EXPECT_EQ(AreStrong(Of(kSecond + modified, kSecond + now)), strong)
        << modified << " " << now;
  }
}

TEST(ValidatorsTest, Rfc9110_8_8_2_LastModifiedIsInWholeSeconds) {
  EXPECT_EQ(Of(kSecond + absl::Milliseconds(999), kSecond + absl::Hours(1))
                .last_modified,
            kSecond);
}

TEST(ValidatorsTest, Rfc9110_8_8_2_1_LastModifiedIsNotInTheFuture) {
  EXPECT_EQ(Of(kSecond + absl::Hours(1), kSecond + absl::Milliseconds(1))
                .last_modified,
            kSecond);
}

TEST(ValidatorsTest, TheTagIsTheSameWhenItGrowsStrong) {
  const Validators young = Of(kSecond, kSecond);
  const Validators old = Of(kSecond, kSecond + absl::Hours(1));
  EXPECT_TRUE(young.tag.Matches(old.tag, EntityTag::Comparison::kWeak));
}

}  // namespace
}  // namespace rondo
