#include "net/mysql/mysql_result.h"

#include <gtest/gtest.h>

#include <string>

namespace rondo {
namespace {

MySqlResult ResultOf(const std::string& text) {
  MySqlResult result;
  result.AddColumn("only");
  const char* const value = text.data();
  const unsigned long length = text.size();
  result.AddRow(&value, &length);
  return result;
}

TEST(MySqlResultTest, NumbersAreWholeTexts) {
  EXPECT_EQ(ResultOf("42").Int(0, 0), 42);
  EXPECT_EQ(ResultOf("-42").Int(0, 0), -42);
  EXPECT_EQ(ResultOf("-42").Unsigned(0, 0), std::nullopt);
  EXPECT_EQ(ResultOf("42x").Int(0, 0), std::nullopt);
  EXPECT_EQ(ResultOf("").Int(0, 0), std::nullopt);
  EXPECT_EQ(ResultOf(" 1").Int(0, 0), std::nullopt);
  EXPECT_EQ(ResultOf("9223372036854775808").Int(0, 0), std::nullopt);
  EXPECT_EQ(ResultOf("1.5e3").Double(0, 0), 1500);
}

TEST(MySqlResultTest, TextMayHoldAnyByte) {
  const std::string text("a\0'\\\xff", 5);
  EXPECT_EQ(ResultOf(text).Text(0, 0), text);
}

TEST(MySqlResultTest, ACopyHasItsOwnText) {
  MySqlResult copy;
  {
    const MySqlResult result = ResultOf("a text that is not short at all");
    copy = result;
  }
  EXPECT_EQ(copy.Text(0, 0), "a text that is not short at all");
}

TEST(MySqlResultTest, CountsWhatItHolds) {
  EXPECT_GE(ResultOf(std::string(1000, 'x')).bytes(), 1000u);
}

TEST(MySqlResultDeathTest, ACellThatIsNotThereIsACheck) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const MySqlResult result = ResultOf("x");
  EXPECT_DEATH((void)result.Text(1, 0), "");
  EXPECT_DEATH((void)result.Text(0, 1), "");
  EXPECT_DEATH((void)result.column_name(1), "");
}

}  // namespace
}  // namespace rondo
