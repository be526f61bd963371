#include "net/tcp/connection_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

// What Check() says of `limits`, which it refuses.
std::string RefusalOf(const ConnectionLimits& limits) {
  const absl::Status status = limits.Check();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ConnectionLimitsTest, DefaultsAreAllowed) {
  EXPECT_TRUE(ConnectionLimits().Check().ok());
}

TEST(ConnectionLimitsTest, OutputMarksMayBeEqual) {
  EXPECT_TRUE(ConnectionLimits({.low_water_mark_bytes = 7,
                                .high_water_mark_bytes = 7,
                                .max_output_bytes = 7})
                  .Check()
                  .ok());
}

TEST(ConnectionLimitsTest, LowMayBeZero) {
  EXPECT_TRUE(ConnectionLimits({.low_water_mark_bytes = 0}).Check().ok());
}

TEST(ConnectionLimitsTest, LowAboveHighIsRefusedWithTheValues) {
  const std::string refusal = RefusalOf(
      {.low_water_mark_bytes = 4'711, .high_water_mark_bytes = 4'710});
  EXPECT_THAT(refusal, HasSubstr("4711"));
  EXPECT_THAT(refusal, HasSubstr("4710"));
}

TEST(ConnectionLimitsTest, HighAboveTheMaximumIsRefused) {
  EXPECT_THAT(RefusalOf({.low_water_mark_bytes = 1,
                         .high_water_mark_bytes = 4'711,
                         .max_output_bytes = 4'710}),
              HasSubstr("4711 (high)"));
}

TEST(ConnectionLimitsTest, SizesOfZeroAreRefused) {
  EXPECT_THAT(RefusalOf({.low_water_mark_bytes = 0,
                         .high_water_mark_bytes = 0,
                         .max_output_bytes = 0}),
              HasSubstr("max_output_bytes"));
  EXPECT_THAT(RefusalOf({.max_input_bytes = 0}), HasSubstr("max_input_bytes"));
  EXPECT_THAT(RefusalOf({.max_read_bytes_per_turn = 0}),
              HasSubstr("max_read_bytes_per_turn"));
}

TEST(ConnectionLimitsTest, InfiniteDeadlinesAreAllowed) {
  constexpr absl::Duration kNever = absl::InfiniteDuration();
  EXPECT_TRUE(ConnectionLimits({.first_byte_timeout = kNever,
                                .idle_timeout = kNever,
                                .write_stall_timeout = kNever,
                                .max_lifetime = kNever,
                                .linger_timeout = kNever,
                                .drain_quiet_time = kNever})
                  .Check()
                  .ok());
}

TEST(ConnectionLimitsTest, DeadlinesOfZeroAreRefusedByName) {
  constexpr absl::Duration kNone = absl::ZeroDuration();
  EXPECT_THAT(RefusalOf({.first_byte_timeout = kNone}),
              HasSubstr("first_byte_timeout of 0"));
  EXPECT_THAT(RefusalOf({.idle_timeout = kNone}), HasSubstr("idle_timeout"));
  EXPECT_THAT(RefusalOf({.write_stall_timeout = kNone}),
              HasSubstr("write_stall_timeout"));
  EXPECT_THAT(RefusalOf({.max_lifetime = kNone}), HasSubstr("max_lifetime"));
  EXPECT_THAT(RefusalOf({.drain_quiet_time = kNone}),
              HasSubstr("drain_quiet_time"));
}

TEST(ConnectionLimitsTest, NegativeDeadlinesAreRefusedWithTheValue) {
  EXPECT_THAT(RefusalOf({.idle_timeout = absl::Seconds(-3)}), HasSubstr("-3s"));
}

TEST(ConnectionLimitsTest, LingeringMayTakeNoTimeButNotLess) {
  EXPECT_TRUE(
      ConnectionLimits({.linger_timeout = absl::ZeroDuration()}).Check().ok());
  EXPECT_THAT(RefusalOf({.linger_timeout = absl::Seconds(-1)}),
              HasSubstr("linger_timeout"));
}

}  // namespace
}  // namespace rondo
