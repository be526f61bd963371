#include "net/tcp/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace rondo {
namespace {

Buffer Holding(std::string_view bytes) {
  Buffer buffer;
  buffer.Append(bytes);
  return buffer;
}

// --- Memory. -----------------------------------------------------------------

TEST(BufferTest, OwnsNoMemoryWhenNew) {
  const Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.readable_bytes(), 0u);
  EXPECT_EQ(buffer.writable_bytes(), 0u);
  EXPECT_EQ(buffer.prependable_bytes(), 0u);
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
  EXPECT_EQ(buffer.view(), "");
}

TEST(BufferTest, NothingPutInTakesNoMemory) {
  Buffer buffer;
  buffer.Append("");
  buffer.Prepend("");
  buffer.EnsureWritable(0);
  buffer.Clear();
  buffer.Consume(0);
  EXPECT_EQ(buffer.Take(0), "");
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
  EXPECT_EQ(buffer.prependable_bytes(), 0u);
}

TEST(BufferTest, TheFirstBytesGetRoomBeforeAndBehind) {
  const Buffer buffer = Holding("x");
  EXPECT_EQ(buffer.view(), "x");
  EXPECT_EQ(buffer.capacity_bytes(), Buffer::kMinCapacityBytes);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
  EXPECT_EQ(buffer.writable_bytes(),
            Buffer::kMinCapacityBytes - Buffer::kPrependBytes - 1);
}

TEST(BufferTest, GrowsByDoubling) {
  Buffer buffer;
  size_t growths = 0;
  size_t capacity = 0;
  for (int i = 0; i < 1 << 20; ++i) {
    buffer.Append("x");
    if (buffer.capacity_bytes() == capacity) continue;
    EXPECT_GE(buffer.capacity_bytes(), 2 * capacity);
    capacity = buffer.capacity_bytes();
    ++growths;
  }
  EXPECT_LE(growths, 15u);
  EXPECT_EQ(buffer.view(), std::string(1 << 20, 'x'));
}

TEST(BufferTest, GrowsToWhatOneAppendNeeds) {
  Buffer buffer = Holding("head ");
  const std::string large(100'000, 'l');
  buffer.Append(large);
  EXPECT_EQ(buffer.view(), "head " + large);
  EXPECT_LT(buffer.capacity_bytes(), 2 * large.size());
}

TEST(BufferTest, MovesInsteadOfGrowing) {
  Buffer buffer = Holding(std::string(100, 'a'));
  const size_t capacity = buffer.capacity_bytes();
  buffer.Consume(90);
  const char* const before = buffer.data();
  buffer.Append(std::string(60, 'b'));
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
  EXPECT_LT(buffer.data(), before);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
  EXPECT_EQ(buffer.view(), std::string(10, 'a') + std::string(60, 'b'));
}

TEST(BufferTest, GrowsRatherThanMoveMuchForLittle) {
  Buffer buffer = Holding(std::string(100, 'a'));
  const size_t capacity = buffer.capacity_bytes();
  buffer.Consume(20);  // 80 of 128 bytes remain
  buffer.Append(std::string(30, 'b'));
  EXPECT_GT(buffer.capacity_bytes(), capacity);
  EXPECT_EQ(buffer.view(), std::string(80, 'a') + std::string(30, 'b'));
}

TEST(BufferTest, AStreamThroughItDoesNotGrowIt) {
  Buffer buffer = Holding("12345");
  const size_t capacity = buffer.capacity_bytes();
  for (int i = 0; i < 100'000; ++i) {
    buffer.Append("abcdefg");
    buffer.Consume(7);
  }
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
  EXPECT_EQ(buffer.readable_bytes(), 5u);
}

TEST(BufferTest, ConsumingAllMakesRoomAgain) {
  Buffer buffer = Holding("hello");
  const size_t writable = buffer.writable_bytes();
  buffer.Consume(5);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.writable_bytes(), writable + 5);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
}

TEST(BufferTest, TruncateKeepsTheFirstBytes) {
  Buffer buffer = Holding("kept and dropped");
  const size_t capacity = buffer.capacity_bytes();
  buffer.Truncate(16);
  EXPECT_EQ(buffer.view(), "kept and dropped");
  buffer.Consume(1);
  buffer.Truncate(3);
  EXPECT_EQ(buffer.view(), "ept");
  buffer.Append("ember");
  EXPECT_EQ(buffer.view(), "eptember");
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
}

TEST(BufferTest, TruncatingToNothingMakesRoomAgain) {
  Buffer buffer = Holding("hello");
  const size_t writable = buffer.writable_bytes();
  buffer.Consume(1);
  buffer.Truncate(0);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.writable_bytes(), writable + 5);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
  Buffer nothing;
  nothing.Truncate(0);
  EXPECT_EQ(nothing.capacity_bytes(), 0u);
}

TEST(BufferTest, ClearKeepsTheMemory) {
  Buffer buffer = Holding(std::string(1'000, 'x'));
  const size_t capacity = buffer.capacity_bytes();
  buffer.Clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
}

TEST(BufferTest, ReleaseGivesTheMemoryBack) {
  Buffer buffer = Holding(std::string(1'000, 'x'));
  buffer.Release();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
  buffer.Append("again");
  EXPECT_EQ(buffer.view(), "again");
}

TEST(BufferTest, ShrinkToFitGivesBackWhatIsNotNeeded) {
  Buffer buffer = Holding(std::string(1'000, 'x') + "kept");
  buffer.Consume(1'000);
  buffer.ShrinkToFit();
  EXPECT_EQ(buffer.view(), "kept");
  EXPECT_EQ(buffer.capacity_bytes(), Buffer::kPrependBytes + 4);
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
  buffer.Append(" and more");
  EXPECT_EQ(buffer.view(), "kept and more");
}

TEST(BufferTest, ShrinkToFitOfAnEmptyOneReleases) {
  Buffer buffer = Holding("x");
  buffer.Consume(1);
  buffer.ShrinkToFit();
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
  buffer.ShrinkToFit();
  EXPECT_EQ(buffer.capacity_bytes(), 0u);
}

// --- Prepend. ----------------------------------------------------------------

TEST(BufferTest, PrependUsesReservedSpace) {
  Buffer buffer = Holding("body");
  const char* const body = buffer.data();
  buffer.Prepend("12345678");
  EXPECT_EQ(buffer.view(), "12345678body");
  EXPECT_EQ(buffer.prependable_bytes(), 0u);
  EXPECT_EQ(buffer.data() + 8, body);
}

TEST(BufferTest, PrependMovesWhenTheSpaceIsShort) {
  Buffer buffer = Holding("body");
  buffer.Prepend("123456789");
  EXPECT_EQ(buffer.view(), "123456789body");
  EXPECT_EQ(buffer.prependable_bytes(), Buffer::kPrependBytes);
  buffer.Append("!");
  EXPECT_EQ(buffer.view(), "123456789body!");
}

TEST(BufferTest, PrependToAnEmptyOne) {
  Buffer buffer;
  buffer.Prepend("first");
  EXPECT_EQ(buffer.view(), "first");
  buffer.Append(" last");
  buffer.Prepend("before ");
  EXPECT_EQ(buffer.view(), "before first last");
}

TEST(BufferTest, PrependUsesWhatWasConsumed) {
  Buffer buffer = Holding("0123456789abcdefbody");
  buffer.Consume(16);
  const size_t capacity = buffer.capacity_bytes();
  buffer.Prepend("a header of 20 bytes");
  EXPECT_EQ(buffer.view(), "a header of 20 bytesbody");
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
}

// --- Move. -------------------------------------------------------------------

TEST(BufferTest, MovingLeavesTheSourceEmptyAndUsable) {
  Buffer from = Holding("bytes");
  Buffer to(std::move(from));
  EXPECT_EQ(to.view(), "bytes");
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(from.capacity_bytes(), 0u);
  from.Append("new");
  EXPECT_EQ(from.view(), "new");
  to = std::move(from);
  EXPECT_EQ(to.view(), "new");
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(from.capacity_bytes(), 0u);
}

TEST(BufferTest, SwapExchangesEverything) {
  Buffer a = Holding("a");
  Buffer b;
  a.Swap(b);
  EXPECT_EQ(a.capacity_bytes(), 0u);
  EXPECT_EQ(b.view(), "a");
}

// --- Letting somebody else write. --------------------------------------------

TEST(BufferTest, CommitMakesWhatWasWrittenReadable) {
  Buffer buffer = Holding("head ");
  buffer.EnsureWritable(1'000);
  EXPECT_GE(buffer.writable_bytes(), 1'000u);
  std::copy_n("tail", 4, buffer.write_begin());
  buffer.Commit(4);
  EXPECT_EQ(buffer.view(), "head tail");
  const size_t capacity = buffer.capacity_bytes();
  buffer.EnsureWritable(buffer.writable_bytes());
  EXPECT_EQ(buffer.capacity_bytes(), capacity);
}

// --- Taking out and looking for. ---------------------------------------------

TEST(BufferTest, TakeTakesTheFirstBytes) {
  Buffer buffer = Holding("firstsecond");
  EXPECT_EQ(buffer.Take(5), "first");
  EXPECT_EQ(buffer.view(), "second");
  EXPECT_EQ(buffer.Take(0), "");
  EXPECT_EQ(buffer.Take(6), "second");
  EXPECT_TRUE(buffer.empty());
}

TEST(BufferTest, FindsCrlf) {
  EXPECT_EQ(Buffer().FindCrlf(), std::nullopt);
  EXPECT_EQ(Holding("no line").FindCrlf(), std::nullopt);
  EXPECT_EQ(Holding("\r\n").FindCrlf(), 0u);
  EXPECT_EQ(Holding("line\r\nmore\r\n").FindCrlf(), 4u);
  EXPECT_EQ(Holding("\n\r\r\n").FindCrlf(), 2u);
  EXPECT_EQ(Holding("ends with \r").FindCrlf(), std::nullopt);
}

TEST(BufferTest, FindsCrlfSplitOverAppends) {
  Buffer buffer = Holding("line\r");
  EXPECT_EQ(buffer.FindCrlf(), std::nullopt);
  buffer.Append("\nmore");
  EXPECT_EQ(buffer.FindCrlf(), 4u);
}

TEST(BufferTest, FindsCrlfFromAnOffset) {
  const Buffer buffer = Holding("a\r\nb\r\n");
  EXPECT_EQ(buffer.FindCrlf(1), 1u);
  EXPECT_EQ(buffer.FindCrlf(2), 4u);
  EXPECT_EQ(buffer.FindCrlf(5), std::nullopt);
  EXPECT_EQ(buffer.FindCrlf(6), std::nullopt);
  EXPECT_EQ(buffer.FindCrlf(1'000), std::nullopt);
}

TEST(BufferTest, OffsetsCountFromTheFirstReadableByte) {
  Buffer buffer = Holding("gone\r\nline\r\n");
  buffer.Consume(6);
  EXPECT_EQ(buffer.FindCrlf(), 4u);
  EXPECT_EQ(buffer.Find("ne"), 2u);
  EXPECT_EQ(buffer.Find('e'), 3u);
}

TEST(BufferTest, FindsTextAndCharacters) {
  const Buffer buffer = Holding("key: value: end");
  EXPECT_EQ(buffer.Find(": "), 3u);
  EXPECT_EQ(buffer.Find(": ", 4), 10u);
  EXPECT_EQ(buffer.Find("absent"), std::nullopt);
  EXPECT_EQ(buffer.Find(':'), 3u);
  EXPECT_EQ(buffer.Find(':', 3), 3u);
  EXPECT_EQ(buffer.Find(':', 4), 10u);
  EXPECT_EQ(buffer.Find('#'), std::nullopt);
  EXPECT_EQ(buffer.Find('d', 14), 14u);
  EXPECT_EQ(buffer.Find('d', 15), std::nullopt);
  EXPECT_EQ(Buffer().Find('x'), std::nullopt);
}

// --- Integers. ---------------------------------------------------------------

template <typename T>
class BufferIntTest : public ::testing::Test {};

using Ints = ::testing::Types<int8_t, uint8_t, int16_t, uint16_t, int32_t,
                              uint32_t, int64_t, uint64_t>;
TYPED_TEST_SUITE(BufferIntTest, Ints);

TYPED_TEST(BufferIntTest, ComesBackAsItWasPutIn) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const TypeParam value :
       {Limits::min(), static_cast<TypeParam>(-1), TypeParam{0}, TypeParam{1},
        static_cast<TypeParam>(0x0123456789abcdef), Limits::max()}) {
    Buffer buffer = Holding("middle");
    buffer.AppendInt(value);
    buffer.PrependInt(value);
    EXPECT_EQ(buffer.readable_bytes(), 6 + 2 * sizeof(TypeParam));
    EXPECT_EQ(buffer.PeekInt<TypeParam>(), value);
    EXPECT_EQ(buffer.TakeInt<TypeParam>(), value);
    EXPECT_EQ(buffer.Take(6), "middle");
    EXPECT_EQ(buffer.TakeInt<TypeParam>(), value);
    EXPECT_TRUE(buffer.empty());
  }
}

TEST(BufferTest, IntegersAreInNetworkOrder) {
  Buffer buffer;
  buffer.AppendInt<uint8_t>(0x01);
  buffer.AppendInt<uint16_t>(0x0203);
  buffer.AppendInt<uint32_t>(0x04050607);
  buffer.AppendInt<uint64_t>(0x08090a0b0c0d0e0f);
  buffer.AppendInt<int16_t>(-2);
  EXPECT_EQ(buffer.view(),
            "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
            "\xff\xfe");
}

}  // namespace
}  // namespace rondo
