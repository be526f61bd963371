#include "net/tcp/context_slot.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/testing/on_destroy.h"

namespace rondo {
namespace {

TEST(ContextSlotTest, IsEmptyAtFirst) {
  const ContextSlot slot;
  EXPECT_EQ(slot.Get<int>(), nullptr);
}

TEST(ContextSlotTest, GivesWhatWasPutInByItsType) {
  ContextSlot slot;
  EXPECT_EQ(slot.Emplace<std::string>(3, 'x'), "xxx");
  ASSERT_NE(slot.Get<std::string>(), nullptr);
  EXPECT_EQ(*slot.Get<std::string>(), "xxx");
  EXPECT_EQ(slot.Get<int>(), nullptr);
}

TEST(ContextSlotTest, DestroysTheOneBeforeAndTheLast) {
  std::string log;
  {
    ContextSlot slot;
    slot.Emplace<std::shared_ptr<void>>(OnDestroy([&] { log += "first;"; }));
    slot.Emplace<std::shared_ptr<void>>(OnDestroy([&] { log += "second;"; }));
    EXPECT_EQ(log, "first;");
    slot.Emplace<int>(1);
    EXPECT_EQ(log, "first;second;");
    slot.Emplace<std::shared_ptr<void>>(OnDestroy([&] { log += "third;"; }));
  }
  EXPECT_EQ(log, "first;second;third;");
}

}  // namespace
}  // namespace rondo
