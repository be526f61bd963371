#include "net/tcp/takeover_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace rondo {
namespace {

using ::testing::HasSubstr;

std::string Bytes(std::string_view bytes) { return std::string(bytes); }

TEST(TakeoverAnswerTest, IsEightBytes) {
  EXPECT_EQ((TakeoverAnswer{.descriptors = 0x0102}).Encode(),
            Bytes({"RTO\1Y\0\1\2", 8}));
  EXPECT_EQ((TakeoverAnswer{.verdict = TakeoverVerdict::kWrongUser}).Encode(),
            Bytes({"RTO\1U\0\0\0", 8}));
}

TEST(TakeoverAnswerTest, IsReadBack) {
  for (const size_t count :
       {size_t{1}, size_t{255}, size_t{256}, kMaxTakeoverDescriptors}) {
    const auto answer =
        TakeoverAnswer::Decode(TakeoverAnswer{.descriptors = count}.Encode());
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->descriptors, count);
  }
}

TEST(TakeoverAnswerTest, RefusalsAreErrors) {
  EXPECT_TRUE(absl::IsPermissionDenied(
      TakeoverAnswer::Decode({"RTO\1U\0\0\0", 8}).status()));
  const auto version = TakeoverAnswer::Decode({"RTO\2V\0\0\0", 8}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(version));
  EXPECT_THAT(std::string(version.message()), HasSubstr("version 2"));
}

TEST(TakeoverAnswerTest, OtherBytesAreNoAnswer) {
  for (const std::string_view bytes :
       {std::string_view("HTTP/1.1"), std::string_view("RTO"),
        std::string_view("RTO\2Y\0\0\1", 8),
        std::string_view("RTO\1?\0\0\1", 8),
        std::string_view("RTO\1Y\0\0\0", 8),
        std::string_view("RTO\1Y\0\xff\xff", 8)}) {
    EXPECT_TRUE(
        absl::IsFailedPrecondition(TakeoverAnswer::Decode(bytes).status()))
        << bytes;
  }
}

TEST(MayTakeOverTest, TrustsItsOwnUserAndRoot) {
  EXPECT_TRUE(MayTakeOver(geteuid()));
  EXPECT_TRUE(MayTakeOver(0));
  EXPECT_FALSE(MayTakeOver(geteuid() + 1));
}

}  // namespace
}  // namespace rondo
