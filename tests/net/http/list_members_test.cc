#include "net/http/list_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rondo {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Members(std::string_view list) {
  std::vector<std::string> members;
  EXPECT_TRUE(ForEachMember(list, [&members](std::string_view member) {
    members.emplace_back(member);
    return true;
  }));
  return members;
}

TEST(ListMembersTest, Rfc9110_5_6_1_SplitsAtCommas) {
  EXPECT_THAT(Members("a"), ElementsAre("a"));
  EXPECT_THAT(Members("a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(Members(" a\t, b c ,d "), ElementsAre("a", "b c", "d"));
}

TEST(ListMembersTest, Rfc9110_5_6_1_2_TellsOfEmptyMembers) {
  EXPECT_THAT(Members(""), ElementsAre(""));
  EXPECT_THAT(Members(","), ElementsAre("", ""));
  EXPECT_THAT(Members("a, ,b,"), ElementsAre("a", "", "b", ""));
}

TEST(ListMembersTest, StopsWhereItIsTold) {
  int calls = 0;
  EXPECT_FALSE(ForEachMember("a,b,c", [&calls](std::string_view member) {
    ++calls;
    return member != "b";
  }));
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace rondo
