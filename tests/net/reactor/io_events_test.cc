#include "net/reactor/io_events.h"

#include <gtest/gtest.h>

namespace rondo {
namespace {

constexpr IoEvents kAll = IoEvents::kReadable | IoEvents::kWritable |
                          IoEvents::kError | IoEvents::kHangup |
                          IoEvents::kOncePerEdge;

TEST(IoEventsTest, AreASet) {
  EXPECT_EQ(IoEvents::kReadable | IoEvents::kReadable, IoEvents::kReadable);
  EXPECT_EQ(kAll & IoEvents::kWritable, IoEvents::kWritable);
  EXPECT_EQ(IoEvents::kReadable & IoEvents::kWritable, IoEvents::kNone);
}

TEST(IoEventsTest, ComplementStaysWithinTheSet) {
  EXPECT_EQ(~IoEvents::kNone, kAll);
  EXPECT_EQ(~kAll, IoEvents::kNone);
  EXPECT_EQ(~IoEvents::kReadable, IoEvents::kWritable | IoEvents::kError |
                                      IoEvents::kHangup |
                                      IoEvents::kOncePerEdge);
}

TEST(IoEventsTest, AnyTellsWhetherTwoSetsMeet) {
  EXPECT_TRUE(Any(kAll, IoEvents::kError));
  EXPECT_TRUE(Any(IoEvents::kReadable, kAll));
  EXPECT_FALSE(Any(IoEvents::kReadable, IoEvents::kWritable));
  EXPECT_FALSE(Any(IoEvents::kNone, kAll));
}

}  // namespace
}  // namespace rondo
