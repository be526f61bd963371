#include "net/client/backoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace rondo {
namespace {

using ::testing::HasSubstr;

RetryOptions WithoutChance() {
  return {.initial_delay = absl::Milliseconds(100),
          .multiplier = 3,
          .max_delay = absl::Seconds(2),
          .jitter = 0};
}

TEST(BackoffTest, GrowsUpToTheCap) {
  Backoff backoff(WithoutChance());
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(300));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(900));
  EXPECT_EQ(backoff.Next(), absl::Seconds(2));
  // Where the power of the multiplier has long been infinite, too.
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(backoff.Next(), absl::Seconds(2));
}

TEST(BackoffTest, ASuccessResetsIt) {
  Backoff backoff(WithoutChance());
  backoff.Next();
  backoff.Next();
  EXPECT_EQ(backoff.failures(), 2);
  backoff.Reset();
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, ALossWaitsTheInitialDelayAndIsNoFailure) {
  Backoff backoff(WithoutChance());
  EXPECT_EQ(backoff.First(), absl::Milliseconds(100));
  EXPECT_EQ(backoff.failures(), 0);
}

TEST(BackoffTest, TheLastAttemptHasNoNext) {
  RetryOptions options = WithoutChance();
  options.max_attempts = 3;
  Backoff backoff(options);
  EXPECT_LT(backoff.Next(), absl::InfiniteDuration());
  EXPECT_LT(backoff.Next(), absl::InfiniteDuration());
  EXPECT_EQ(backoff.Next(), absl::InfiniteDuration());
}

TEST(BackoffTest, OneAttemptIsNotRetried) {
  RetryOptions options = WithoutChance();
  options.max_attempts = 1;
  EXPECT_EQ(Backoff(options).Next(), absl::InfiniteDuration());
}

TEST(BackoffTest, ChanceOnlyShortensAndDiffersByClient) {
  RetryOptions options = WithoutChance();
  options.jitter = 0.25;
  std::set<absl::Duration> delays;
  for (int i = 0; i < 100; ++i) {
    const absl::Duration delay = Backoff(options).Next();
    EXPECT_GE(delay, absl::Milliseconds(75));
    EXPECT_LE(delay, absl::Milliseconds(100));
    delays.insert(delay);
  }
  EXPECT_GT(delays.size(), 90u);
}

TEST(RetryOptionsTest, TheDefaultsMakeSense) {
  EXPECT_TRUE(RetryOptions().Check().ok());
}

TEST(RetryOptionsTest, AnErrorNamesTheOptionAndItsValue) {
  const auto message = [](const RetryOptions& options) {
    return std::string(options.Check().message());
  };
  EXPECT_THAT(message({.initial_delay = absl::ZeroDuration()}),
              HasSubstr("initial_delay is 0"));
  EXPECT_THAT(message({.max_delay = absl::Milliseconds(50)}),
              HasSubstr("max_delay is 50ms"));
  EXPECT_THAT(message({.max_delay = absl::InfiniteDuration()}),
              HasSubstr("max_delay is inf"));
  EXPECT_THAT(message({.multiplier = 0.5}), HasSubstr("multiplier is 0.5"));
  EXPECT_THAT(message({.multiplier = NAN}), HasSubstr("multiplier is nan"));
  EXPECT_THAT(message({.jitter = 1.5}), HasSubstr("jitter is 1.5"));
  EXPECT_THAT(message({.max_attempts = -1}), HasSubstr("max_attempts is -1"));
}

}  // namespace
}  // namespace rondo
