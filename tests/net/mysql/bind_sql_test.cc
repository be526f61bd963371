// How values get into SQL, and that they stay values.
#include "net/mysql/bind_sql.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace rondo {
namespace {

std::string Bound(std::string_view sql,
                  std::initializer_list<SqlValue> values) {
  const auto bound = BindSql(sql, values);
  return bound.ok() ? *bound
                    : "error: " + std::string(bound.status().message());
}

bool IsRefused(std::string_view sql, std::initializer_list<SqlValue> values) {
  return absl::IsInvalidArgument(BindSql(sql, values).status());
}

TEST(BindSqlTest, NumbersStandAsTheyAre) {
  EXPECT_EQ(Bound("SELECT ?, ?, ?", {1, -2, 18446744073709551615u}),
            "SELECT 1, -2, 18446744073709551615");
  EXPECT_EQ(Bound("?", {std::numeric_limits<int64_t>::min()}),
            "-9223372036854775808");
  EXPECT_EQ(Bound("?, ?", {true, nullptr}), "1, NULL");
}

TEST(BindSqlTest, RealNumbersReadAsTheSame) {
  for (const double number : {0.1, 1e300, -2.5, 5e-324}) {
    EXPECT_EQ(std::strtod(Bound("?", {number}).c_str(), nullptr), number);
  }
  EXPECT_TRUE(IsRefused("?", {std::nan("")}));
  EXPECT_TRUE(IsRefused("?", {std::numeric_limits<double>::infinity()}));
}

TEST(BindSqlTest, TextIsQuoted) {
  EXPECT_EQ(Bound("a = ?", {"word"}), "a = 'word'");
  EXPECT_EQ(Bound("a = ?", {""}), "a = ''");
  EXPECT_EQ(Bound("a = ?", {std::string("Grüße")}), "a = 'Grüße'");
}

TEST(BindSqlTest, QuotesInTextAreDoubled) {
  EXPECT_EQ(Bound("a = ?", {"' OR ''='"}), "a = ''' OR ''''='''");
  EXPECT_EQ(Bound("a = ?", {"\"`"}), "a = '\"`'");
}

TEST(BindSqlTest, TextWithABackslashOrANulIsInHex) {
  EXPECT_EQ(Bound("?", {"\\'"}), "_utf8mb4 X'5C27'");
  EXPECT_EQ(Bound("?", {std::string_view("a\0b", 3)}), "_utf8mb4 X'610062'");
}

TEST(BindSqlTest, BytesAreInHex) {
  EXPECT_EQ(Bound("?", {SqlBytes{std::string_view("\xff\x00", 2)}}), "X'FF00'");
}

TEST(BindSqlTest, AValuesQuestionMarkIsNone) {
  EXPECT_EQ(Bound("?, ?", {"?", "b"}), "'?', 'b'");
}

TEST(BindSqlTest, QuestionMarksInQuotesStay) {
  EXPECT_EQ(Bound("'?' \"?\" `?` ?", {1}), "'?' \"?\" `?` 1");
  EXPECT_EQ(Bound("'it''s ?', ?", {1}), "'it''s ?', 1");
  EXPECT_EQ(Bound("`\\?` ?", {1}), "`\\?` 1");
}

TEST(BindSqlTest, QuestionMarksInCommentsStay) {
  EXPECT_EQ(Bound("/* ? ' */ ?", {1}), "/* ? ' */ 1");
  EXPECT_EQ(Bound("/*/ ? */ ?", {1}), "/*/ ? */ 1");
  EXPECT_EQ(Bound("# ? '\n?", {1}), "# ? '\n1");
  EXPECT_EQ(Bound("-- ? '\n?", {1}), "-- ? '\n1");
  EXPECT_EQ(Bound("--\t?", {}), "--\t?");
  EXPECT_EQ(Bound("? --", {1}), "1 --");
  EXPECT_EQ(Bound("1--?", {1}), "1--1");
}

TEST(BindSqlTest, AsManyValuesAsQuestionMarksAreWanted) {
  EXPECT_TRUE(IsRefused("?, ?", {1}));
  EXPECT_TRUE(IsRefused("?", {1, 2}));
  EXPECT_TRUE(IsRefused("SELECT 1", {1}));
  EXPECT_EQ(Bound("SELECT 1", {}), "SELECT 1");
}

TEST(BindSqlTest, WhatIsNotClearIsRefused) {
  EXPECT_TRUE(IsRefused("'?", {1}));
  EXPECT_TRUE(IsRefused("\"?'", {1}));
  EXPECT_TRUE(IsRefused("/* ?", {1}));
  EXPECT_TRUE(IsRefused("/*/", {}));
  EXPECT_TRUE(IsRefused("'\\' ?'", {1}));
}

TEST(BindSqlTest, AQuestionMarkStandsByItself) {
  for (const char* sql :
       {"'a'?", "?'a'", "\"a\"?", "?\"a\"", "`a`?", "X?", "_utf8?", "@?", "1?",
        "?1", "1.?", "?.5", "\xc3\xa4?", "'?'?"}) {
    EXPECT_TRUE(IsRefused(sql, {"b"})) << sql;
  }
  EXPECT_TRUE(IsRefused("??", {"a", "b"}));
  EXPECT_EQ(Bound("a=?,b<?\t-?", {"a", 2, 3}), "a='a',b<2\t-3");
  EXPECT_EQ(Bound("('?')=(?)/*'*/", {"a"}), "('?')=('a')/*'*/");
  EXPECT_EQ(Bound("'''?' = ?", {1}), "'''?' = 1");
}

// The server makes one text of two that follow each other.
TEST(BindSqlTest, NoTextIsNextToAQuestionMark) {
  for (const char* sql :
       {"'a' ?", "? 'a'", "\"a\"\t?", "?\n\"a\"", "'a'/**/?", "?/* b */'a'",
        "'a' -- b\n ?", "? # b\n 'a'", "/*! 'a' */ ?", "? /*M!100 'a' */",
        "X'61' ?", "'it''s' ?"}) {
    EXPECT_TRUE(IsRefused(sql, {"b"})) << sql;
  }
  EXPECT_TRUE(IsRefused("? ?", {"a", "b"}));
  EXPECT_TRUE(IsRefused("?/**/?", {1, 2}));
  EXPECT_EQ(Bound("'a' 'b' < ?", {"c"}), "'a' 'b' < 'c'");
  EXPECT_EQ(Bound("? AND 'a'", {1}), "1 AND 'a'");
  EXPECT_EQ(Bound("? /* 'a' */ = ?", {1, 2}), "1 /* 'a' */ = 2");
}

TEST(BindSqlTest, ANullPointerIsNull) {
  const char* const none = nullptr;
  EXPECT_EQ(Bound("?, ?", {none, nullptr}), "NULL, NULL");
}

TEST(BindSqlTest, TakesValuesThatAreCounted) {
  std::vector<SqlValue> values;
  for (int i = 0; i < 3; ++i) values.emplace_back(i);
  EXPECT_EQ(*BindSql("IN (?, ?, ?)", values), "IN (0, 1, 2)");
}

}  // namespace
}  // namespace rondo
